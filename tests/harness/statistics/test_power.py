"""Planning: the notes' figures, the inverse of the minimal detectable difference, and its promise by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.statistics.power import Precision, difference_variance, minimal_detectable, shared_errors
from harness.statistics.ratio import ClusterSums, compare_ratios


@pytest.mark.parametrize(
    ("rate", "shared", "thousand_words"),
    [(0.05, 0.7, 185), (0.05, 0.85, 93), (0.10, 0.7, 93), (0.10, 0.85, 46), (0.02, 0.7, 464), (0.02, 0.85, 232)],
)
def test_words_needed_to_tell_2_percent(rate: float, shared: float, thousand_words: int) -> None:
    """n = (z95 + z80)^2 2 (1 - s) / (W 0.02^2): 6.18 times the rest."""
    words = Precision.of_rates(rate, shared, 1.0, total=10).clusters_for(0.02 * rate, 0.05, 0.8)
    assert words is not None
    assert words * 10 == pytest.approx(1_000 * thousand_words, rel=0.01)


def test_the_design_effect_multiplies_the_words() -> None:
    one, two = (Precision.of_rates(0.1, 0.7, effect, 10).clusters_for(0.002, 0.05, 0.8) or 0 for effect in (1.0, 2.6))
    assert two / one == pytest.approx(2.6, rel=1e-3)


@given(st.floats(1e-4, 1.0), st.integers(2, 500), st.floats(1e-4, 1.0))
def test_the_clusters_needed_are_the_least(error: float, clusters: int, margin: float) -> None:
    precision = Precision(error, clusters)
    needed = precision.clusters_for(margin, 0.05, 0.8)
    if needed is None:
        return
    assert precision.detectable(needed, 0.05, 0.8) <= margin
    assert needed == 2 or precision.detectable(needed - 1, 0.05, 0.8) > margin


def test_what_nobody_has_is_none() -> None:
    assert Precision(1.0, 10).clusters_for(1e-9, 0.05, 0.8) is None
    assert Precision(1.0, 10).clusters_for(0.0, 0.05, 0.8) is None
    assert Precision(0.0, 10).clusters_for(0.0, 0.05, 0.8) == 2


@given(st.floats(1e-3, 1.0), st.integers(2, 500))
def test_a_precision_is_read_back_from_what_it_detects(error: float, clusters: int) -> None:
    detectable = minimal_detectable(error, clusters - 1, 0.05, 0.8)
    assert Precision.of_detectable(detectable, clusters, 0.05, 0.8).error == pytest.approx(error)


@given(st.floats(0.01, 0.5), st.floats(0.0, 0.99))
def test_shared_errors_are_read_back_from_the_variance(rate: float, shared: float) -> None:
    assert shared_errors(difference_variance(rate, shared), rate) == pytest.approx(shared, abs=1e-9)


@pytest.mark.parametrize("clusters", [8, 40])
def test_an_equal_candidate_passes_the_detectable_margin_as_often_as_promised(clusters: int) -> None:
    rng, trials, rate, shared, words = np.random.default_rng(5), 1_500, 0.1, 0.7, 400
    margin = Precision.of_rates(rate, shared, 1.0, words).detectable(clusters, 0.05, 0.8)
    passed = 0
    for _ in range(trials):
        common = rng.binomial(words, rate * shared, clusters)
        alone = rng.binomial(words, rate * (1 - shared), (2, clusters))
        full = np.full(clusters, words)
        got = compare_ratios(
            ClusterSums(np.stack([common + alone[0], full, common + alone[1], full], axis=1) * 1.0), rng, resamples=200
        )
        passed += got is not None and got.upper(0.05) <= margin
    assert passed / trials == pytest.approx(0.8, abs=0.03 + 3 * stats.binom.std(trials, 0.8) / trials)

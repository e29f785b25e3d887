"""The paired difference of ratios: against plain resampling, against scipy, and its promise by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.statistics.ratio import ClusterSums, _linearised, _with_products, compare_ratios, one_rate


def sums_of(clusters: int, rng: np.random.Generator, spread: float = 0.0, factor: float = 1.0) -> ClusterSums:
    """Clusters of 80-240 words with about 10 % errors, 70 % of them shared; B's rate is ``factor`` times A's."""
    words = rng.integers(80, 240, clusters)
    rate = rng.beta(5, 45, clusters)
    other = np.clip(rate * factor * (1 + spread * rng.standard_normal(clusters)), 0, 1)
    common = np.minimum(rate, other) * 0.7
    shared = rng.binomial(words, common)
    first = shared + rng.binomial(words - shared, (rate - common) / (1 - common))
    second = shared + rng.binomial(words - shared, (other - common) / (1 - common))
    return ClusterSums(np.stack([first, words, second, words], axis=1).astype(np.float64))


def test_the_standard_error_is_the_spread_of_linearised_differences() -> None:
    table = sums_of(40, np.random.default_rng(1)).table
    ea, na, eb, nb = table.T
    ra, rb = ea.sum() / na.sum(), eb.sum() / nb.sum()
    for weight in (1.0, 1.05):
        z = (eb - rb * nb) / nb.sum() - weight * (ea - ra * na) / na.sum()
        estimate, error = _linearised(_with_products(table).sum(axis=0)[None], 40, weight)
        assert estimate[0] == pytest.approx(rb - weight * ra)
        assert error[0] == pytest.approx(np.sqrt((z**2).sum() * 40 / 39))


def test_with_equal_totals_and_few_clusters_it_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 30, 12), rng.integers(0, 30, 12)
    full = np.full(12, 100)
    got = compare_ratios(ClusterSums(np.stack([a, full, b, full], axis=1).astype(np.float64)), rng)
    assert got is not None
    reference = stats.ttest_rel(b / 100, a / 100)
    interval = reference.confidence_interval(0.9)
    assert (got.lower(0.05), got.upper(0.05)) == pytest.approx((interval.low, interval.high))
    assert got.p_at_most(0.0) == pytest.approx(stats.ttest_rel(b / 100, a / 100, alternative="greater").pvalue)
    assert got.p_at_least(0.0) == pytest.approx(stats.ttest_rel(b / 100, a / 100, alternative="less").pvalue)


def test_many_clusters_use_the_bootstrap_and_agree_with_t() -> None:
    rng = np.random.default_rng(4)
    sums = sums_of(200, rng)
    drawn = compare_ratios(sums, np.random.default_rng(1), resamples=4_000)
    assert drawn is not None
    assert drawn.method.startswith("bootstrap-t")
    expected = drawn.estimate + stats.t.ppf(0.95, 199) * drawn.error
    assert drawn.upper(0.05) == pytest.approx(expected, abs=0.15 * drawn.error)
    assert drawn.p_at_least(drawn.upper(0.05)) == pytest.approx(0.05, abs=0.001)
    assert drawn.p_at_most(drawn.lower(0.05)) == pytest.approx(0.05, abs=0.001)


def test_the_same_seed_gives_the_same_bytes() -> None:
    sums = sums_of(30, np.random.default_rng(5))
    uppers = {_upper(sums, seed) for seed in (7, 7, 8)}
    assert len(uppers) == 2


def _upper(sums: ClusterSums, seed: int) -> float:
    got = compare_ratios(sums, np.random.default_rng(seed), resamples=500)
    assert got is not None
    return got.upper(0.05)


@given(st.integers(2, 40), st.integers(0, 1_000))
def test_identical_sides_have_no_difference_and_no_error(clusters: int, seed: int) -> None:
    table = sums_of(clusters, np.random.default_rng(seed)).table
    table[:, 2:] = table[:, :2]
    got = compare_ratios(ClusterSums(table), np.random.default_rng(0), resamples=50)
    assert got is not None
    assert (got.estimate, got.error, got.upper(0.05), got.p_at_least(0.01)) == (0, 0, 0, 0)


def test_undefined_where_there_is_nothing_to_compare() -> None:
    rng = np.random.default_rng(0)
    assert compare_ratios(ClusterSums(np.empty((0, 4))), rng) is None
    assert compare_ratios(ClusterSums(np.ones((1, 4))), rng) is None
    assert compare_ratios(ClusterSums(np.array([[1.0, 0, 1, 9], [2, 0, 1, 9]])), rng) is None
    assert one_rate(np.array([[1.0, 0.0], [1, 0]])) is None


def test_one_rate() -> None:
    errors_and_totals = np.array([[1.0, 10], [2, 10], [6, 10]])
    got = one_rate(errors_and_totals)
    assert got is not None
    assert got.estimate == pytest.approx(0.3)
    assert got.error == pytest.approx(np.std([0.1, 0.2, 0.6], ddof=1) / np.sqrt(3))


def false_passes(clusters: int, spread: float, trials: int) -> float:
    """How often B, truly 10 % worse, is claimed to be less than 10 % worse at one-sided 5 %."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(trials):
        got = compare_ratios(sums_of(clusters, rng, spread, factor=1.1), rng, weight=1.1, resamples=400)
        hits += got is not None and got.upper(0.05) < 0
    return hits / trials


@pytest.mark.parametrize("clusters", [8, 16])
def test_the_false_pass_rate_keeps_its_promise(clusters: int) -> None:
    trials = 400
    assert false_passes(clusters, 0.2, trials) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / trials)


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [8, 20, 100])
@pytest.mark.parametrize("spread", [0.0, 0.1, 0.2])
def test_the_false_pass_rate_keeps_its_promise_widely(clusters: int, spread: float) -> None:
    trials = 2_000
    assert false_passes(clusters, spread, trials) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / trials)

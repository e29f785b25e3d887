"""Alpha spending: published boundaries, and the promise by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.statistics.looks import SPENDING, nominal_levels

FIVE = (0.2, 0.4, 0.6, 0.8, 1.0)


@pytest.mark.parametrize(
    ("spending", "bounds"),
    [
        # Lan-DeMets boundaries for one-sided 0.025 and five equal looks, as R's gsDesign and ldbounds print them.
        ("obrien-fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_published_boundaries(spending: str, bounds: list[float]) -> None:
    levels = nominal_levels(FIVE, 0.025, spending)
    assert list(stats.norm.isf(levels)) == pytest.approx(bounds, abs=1e-3)


@pytest.mark.parametrize("spending", SPENDING)
def test_one_look_at_the_end_spends_everything(spending: str) -> None:
    assert nominal_levels([1.0], 0.05, spending) == pytest.approx((0.05,), abs=1e-9)


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.integers(1, 19), min_size=1, max_size=5, unique=True),
    st.sampled_from([0.01, 0.05, 0.1]),
    st.sampled_from(list(SPENDING)),
)
def test_no_level_exceeds_alpha_and_all_claims_together_make_alpha(
    twentieths: list[int], alpha: float, spending: str
) -> None:
    shares = [*(n / 20 for n in sorted(twentieths)), 1.0]
    levels = nominal_levels(shares, alpha, spending)
    assert max(levels) <= alpha + 1e-9
    rng, trials = np.random.default_rng(1), 40_000
    steps = np.sqrt(np.diff([0.0, *shares]))
    scores = np.cumsum(rng.standard_normal((trials, len(shares))) * steps, axis=1) / np.sqrt(shares)
    claimed = (scores > stats.norm.isf(levels)).any(axis=1).mean()
    assert claimed == pytest.approx(alpha, abs=4 * np.sqrt(alpha / trials))

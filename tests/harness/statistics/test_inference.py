"""Bounds and p-values of one inference agree; a law of few draws claims no more than they can tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.statistics.inference import DrawnLaw, Inference, Law, StudentLaw

chances = st.floats(0.001, 0.499)
drawn = DrawnLaw(np.sort(np.random.default_rng(1).standard_normal(2_000)), 40)


@given(st.floats(-1, 1), st.floats(0.01, 2), chances, st.sampled_from([StudentLaw(9), drawn]))
def test_a_bound_is_where_the_p_value_is_alpha(estimate: float, error: float, alpha: float, law: Law) -> None:
    got = Inference(estimate, error, law, "made")
    assert got.lower(alpha) <= got.upper(alpha)
    assert got.p_at_least(got.upper(alpha)) == pytest.approx(alpha, abs=0.002)
    assert got.p_at_most(got.lower(alpha)) == pytest.approx(alpha, abs=0.002)
    assert got.p_at_least(got.upper(alpha) + error) <= alpha


def test_without_error_there_is_no_doubt() -> None:
    got = Inference(0.1, 0.0, StudentLaw(9), "made")
    assert (got.lower(0.05), got.upper(0.05)) == (0.1, 0.1)
    assert (got.p_at_least(0.2), got.p_at_least(0.1), got.p_at_most(0.0), got.p_at_most(0.1)) == (0.0, 1.0, 0.0, 1.0)


def test_few_draws_do_not_speak_for_the_far_tail() -> None:
    few = DrawnLaw(np.linspace(-1, 1, 99), 12)
    assert few.quantile(0.01) == -1
    assert few.quantile(0.001) == pytest.approx(stats.t.ppf(0.001, 12))
    assert few.quantile(0.999) == pytest.approx(stats.t.ppf(0.999, 12))
    wide = DrawnLaw(np.linspace(-50, 50, 99), 12)
    assert (wide.quantile(0.001), wide.quantile(0.999)) == (-50, 50)
    assert few.below(-5) == few.above(5) == 0.01

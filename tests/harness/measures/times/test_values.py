"""The values of the time measures: sums, zeros and rates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.times.values import Deadlines, RealTimeFactor, Stability
from harness.measures.value import Measure, Ratio

few = st.integers(0, 9)
FIELDS = ((Deadlines, 3), (RealTimeFactor, 2), (Stability, 8))


@pytest.mark.parametrize(("value", "fields"), FIELDS)
@given(data=st.data())
def test_they_add_up(value, fields, data) -> None:
    a, b, c = (data.draw(st.builds(value, *[few] * fields)) for _ in range(3))
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + value() == a
    assert isinstance(a, Measure)


@pytest.mark.parametrize(("value", "fields"), FIELDS[:2])
@given(data=st.data())
def test_their_rate_is_errors_over_total(value, fields, data) -> None:
    one = data.draw(st.builds(value, *[few] * fields))
    assert isinstance(one, Ratio)
    assert one.rate == (one.errors / one.total if one.total else None)


def test_late_words_are_the_only_errors_of_deadlines() -> None:
    assert (Deadlines(5, 4, 1).errors, Deadlines(5, 4, 1).total) == (1, 10)


def test_factors_pool_time_and_not_rates() -> None:
    assert (RealTimeFactor(1, 4) + RealTimeFactor(3, 12)).rate == 0.25


def test_shares_of_stability_are_undefined_without_words() -> None:
    nothing = Stability()
    for share in (nothing.erasure, nothing.unstable_words, nothing.unstable_segment_share, nothing.flicker):
        assert share.rate is None

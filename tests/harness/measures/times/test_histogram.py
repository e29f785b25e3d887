"""Histograms of long streams: exact sums, and percentiles within their stated error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Delays
from harness.measures.times.histogram import FURTHEST_NS, RELATIVE_ERROR, DelayHistogram, DelayRecorder

delays = st.builds(
    Delays.of,
    st.lists(st.integers(-(10**10), 10**10) | st.integers(-5_000, 5_000), max_size=60),
    st.integers(0, 3),
)


@given(delays)
def test_every_rank_is_at_most_a_1024th_of_its_size_too_long_and_never_too_short(found) -> None:
    got = DelayHistogram.of(found)
    assert got.count == found.count
    for rank, exact in enumerate(found.observed_ns, start=1):
        at = got.at_rank(rank)
        assert at is not None
        assert exact <= at <= exact + abs(exact) * RELATIVE_ERROR
    assert all(got.at_rank(rank) is None for rank in range(len(found.observed_ns) + 1, found.count + 1))


@given(delays, delays, delays)
def test_parts_add_up_to_the_whole(a, b, c) -> None:
    x, y, z = map(DelayHistogram.of, (a, b, c))
    assert x + y == DelayHistogram.of(a + b)
    assert (x + y) + z == x + (y + z)
    assert x + DelayHistogram() == x


def test_a_recorder_counts_what_never_ended_and_what_is_beyond_a_day() -> None:
    recorder = DelayRecorder()
    recorder.record([5, -FURTHEST_NS - 1, FURTHEST_NS + 1])
    recorder.censor(2)
    got = recorder.taken()
    assert (got.count, got.censored, got.at_rank(2)) == (5, 3, 5)
    assert got.at_rank(1) == pytest.approx(-FURTHEST_NS, rel=RELATIVE_ERROR)


@pytest.mark.parametrize("rank", [0, 2])
def test_a_rank_that_is_not_there_is_an_error(rank) -> None:
    with pytest.raises(ValueError, match=f"rank {rank} of 1 delays; give 1 to 1"):
        DelayHistogram((5,), (1,)).at_rank(rank)

"""A stream's own clock: live, bursting, after a pause, with a clock that runs fast."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.pace import CATCH_UP, Pace, samples_ns

CHUNK = 5_120
SECOND = 1_000_000_000
CHUNK_NS = samples_ns(CHUNK)


def test_live_audio_is_there_when_it_arrives() -> None:
    pace = Pace()
    for step in range(1, 1_000):
        assert pace.came(step * CHUNK, 7 + step * CHUNK_NS) == 7 + step * CHUNK_NS


def test_a_clock_that_runs_fast_is_still_live() -> None:
    pace = Pace()
    fast = CHUNK_NS * 10_000 // 10_005  # 500 parts in a million, far more than a bad crystal
    for step in range(1, 200_000, 37):
        assert pace.came(step * CHUNK, step * fast) == step * fast


def test_an_hour_at_once_is_there_after_an_hour() -> None:
    pace, hour = Pace(), 3_600 * 16_000
    assert pace.came(CHUNK, 5) == 5
    assert pace.came(hour, 5) >= 0.98 * 3_600 * SECOND


def test_a_pause_is_caught_up_at_twice_the_pace_and_then_forgotten() -> None:
    pace = Pace()
    pace.came(CHUNK, CHUNK_NS)
    came, late = [], 10 * SECOND + CHUNK_NS
    for step in range(2, 200):
        spoken = step * CHUNK_NS
        came.append(pace.came(step * CHUNK, max(spoken, late)) - spoken)
    assert came[0] > 9 * SECOND
    assert all(one - next == CHUNK_NS // 2 for one, next in pairwise(came[:20]))
    assert came[-1] == 0


@given(st.lists(st.tuples(st.integers(1, 3 * CHUNK), st.integers(0, 3 * SECOND)), min_size=2, max_size=40))
def test_audio_is_never_there_early_nor_faster_than_promised(steps: list[tuple[int, int]]) -> None:
    pace, read, now, before = Pace(), 0, 0, None
    first = None
    for samples, wait in steps:
        read, now = read + samples, now + wait
        here = pace.came(read, now)
        assert here >= now
        if before is not None and first is not None:
            assert here - before >= samples_ns(samples) // CATCH_UP - 1
            assert here - first[1] >= samples_ns(read - first[0]) * 0.99 - 1
        before, first = here, first or (read, here)

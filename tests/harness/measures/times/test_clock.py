"""The schedule of a session's audio: when a place was spoken, and which audio had left by when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.measures.times.clock import AudioClock

MS = 1_000_000
RATE = 1_000


def test_a_log_without_audio_has_no_clock(logs) -> None:
    assert AudioClock.of(logs.log(logs.final(0, ("one", 0, 1)))) is None


def test_a_burst_counts_from_its_sending() -> None:
    burst = AudioClock(RATE, (100, 200, 300), (500 * MS, 500 * MS, 500 * MS), (0, 0, 0))
    assert [burst.spoken_ns(s) // MS for s in (50, 100, 150, 300, 999)] == [450, 500, 500, 500, 500]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=20), st.lists(st.integers(0, 8_000), max_size=10))
def test_on_a_live_stream_the_clock_is_the_audio_whatever_the_packets(sizes: list[int], places: list[int]) -> None:
    sums = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    live = AudioClock(RATE, tuple(sums), tuple(s * MS for s in sums), tuple(s * MS for s in sums))
    for place in places:
        assert live.spoken_ns(place) == min(place, sums[-1]) * MS
        assert live.due_by_ns(place) == place * MS


def test_the_cursor_is_the_latest_audio_that_left(logs) -> None:
    clock = logs.clock(logs.log(*logs.audio(3, late=20)))
    wanted = {50: (0, 0), 119: (0, 0), 120: (100, 120), 219: (100, 120), 220: (200, 220), 9_999: (300, 320)}
    assert {at: tuple(ns // MS for ns in clock.cursor_ns(at * MS)) for at in wanted} == wanted

"""Real-time factors of files and streams, the wait at the end, and the rhythm of partials."""

from __future__ import annotations

from harness.measures.times.speed import drain_factor, finish_latency, paced, partial_interval, real_time_factor
from harness.measures.times.values import RealTimeFactor
from testsets.events import Event, Kind

MS = 1_000_000


def test_of_audio_sent_at_once_the_factor_is_wall_over_audio(logs) -> None:
    found = logs.log(*logs.burst(4_000), logs.at(Kind.ENDED, 1_000))
    clock = logs.clock(found)
    got = real_time_factor(found, clock)
    assert got == RealTimeFactor(work_ns=1_000 * MS, audio_ns=4_000 * MS)
    assert got.rate == 0.25
    assert drain_factor(found, clock) is None


def test_one_packet_is_a_file(logs) -> None:
    found = logs.log(Event(Kind.AUDIO, 10 * MS, samples=2_000), logs.at(Kind.ENDED, 1_010))
    assert real_time_factor(found, logs.clock(found)) == RealTimeFactor(1_000 * MS, 2_000 * MS)


def test_of_a_paced_stream_only_the_end_is_visible(logs) -> None:
    found = logs.log(*logs.audio(20), logs.at(Kind.ENDED, 2_100))
    clock = logs.clock(found)
    assert paced(clock)
    assert real_time_factor(found, clock) is None
    assert drain_factor(found, clock) == RealTimeFactor(100 * MS, 2_000 * MS)
    assert logs.milliseconds(finish_latency(found, clock)) == ([100], 0)


def test_a_broken_session_has_no_factor_and_a_censored_end(logs) -> None:
    for broken in (logs.log(*logs.audio(20)), logs.log(*logs.burst(100), logs.end, failure="died")):
        clock = logs.clock(broken)
        assert real_time_factor(broken, clock) is None
        assert drain_factor(broken, clock) is None
        assert logs.milliseconds(finish_latency(broken, clock)) == ([], 1)


def test_intervals_count_while_words_wait_on_the_screen(logs) -> None:
    found = logs.log(
        logs.partial(100),
        logs.partial(900, "one"),
        logs.partial(1_000, "one", "two"),
        logs.final(1_250, "one", "two"),
        logs.partial(5_000, "three"),
        logs.partial(5_100),
        logs.final(9_000, "four"),
    )
    assert logs.milliseconds(partial_interval(found)) == ([100, 100, 250], 0)
    assert partial_interval(logs.log(logs.partial(100), logs.final(200, "one"))) is None
    assert logs.milliseconds(partial_interval(logs.log(logs.partial(100, "one")))) == ([], 0)

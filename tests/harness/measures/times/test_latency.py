"""Delays from event logs: scheduled time, unclamped early guesses, censoring, and the sender's own lateness."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Delays, Pace
from harness.measures.times.clock import AudioClock
from harness.measures.times.latency import ack_lag, final_latency, first_partial, pace, partial_latency
from testsets.events import Event, EventLog, Kind
from testsets.transcript import Word

MS = 1_000_000
RATE = 1_000  # one sample a millisecond


def audio(packets: int, late_ms: int = 0, size: int = 100) -> list[Event]:
    """A steady live stream that begins at wall time 0; packet k leaves when its last sample is spoken."""
    return [
        Event(Kind.AUDIO, (k * size + late_ms) * MS, due_ns=k * size * MS, samples=k * size)
        for k in range(1, packets + 1)
    ]


def said(kind: Kind, at_ms: int, *words: tuple[str, int, int]) -> Event:
    return Event(kind, at_ms * MS, words=tuple(Word(*word) for word in words))


def log(*events: Event, failure: str | None = None) -> EventLog:
    return EventLog("case", "digest", RATE, tuple(sorted(events, key=lambda e: e.wall_ns)), failure)


def clock(found: EventLog) -> AudioClock:
    made = AudioClock.of(found)
    assert made is not None
    return made


def milliseconds(delays: Delays | None) -> tuple[list[float], int]:
    assert delays is not None
    return [ns / MS for ns in delays.observed_ns], delays.censored


END = Event(Kind.ENDED, 10_000 * MS)


def test_finals_count_from_when_the_word_end_was_due_even_if_the_sender_was_late() -> None:
    found = log(*audio(10, late_ms=40), said(Kind.FINAL, 900, ("one", 100, 250), ("two", 300, 500)), END)
    assert milliseconds(final_latency(found, clock(found))) == ([400, 650], 0)


def test_an_early_guess_is_negative_and_kept() -> None:
    found = log(*audio(10), said(Kind.PARTIAL, 450, ("two", 300, 480)), said(Kind.FINAL, 900, ("two", 300, 500)), END)
    assert milliseconds(partial_latency(found, clock(found))) == ([-50], 0)


def test_a_partial_marks_the_nearest_word_of_the_same_text() -> None:
    found = log(
        *audio(20),
        said(Kind.PARTIAL, 300, ("No", 110, 190)),
        said(Kind.PARTIAL, 700, ("no", 100, 200), ("no", 500, 590)),
        said(Kind.FINAL, 1_500, ("no", 100, 200), ("no,", 500, 600), (".", 600, 600)),
        END,
    )
    assert milliseconds(partial_latency(found, clock(found))) == ([100, 100], 0)


def test_a_word_that_was_never_in_a_partial_is_first_shown_by_its_final() -> None:
    found = log(*audio(10), said(Kind.PARTIAL, 400, ("ate", 0, 200)), said(Kind.FINAL, 900, ("eight", 0, 200)), END)
    assert milliseconds(partial_latency(found, clock(found))) == ([700], 0)


def test_words_never_finalised_are_censored_not_dropped() -> None:
    broken = log(
        *audio(10),
        said(Kind.FINAL, 600, ("one", 0, 200)),
        said(Kind.PARTIAL, 700, ("two", 300, 400), ("three", 500, 600)),
        failure="closed",
    )
    assert milliseconds(final_latency(broken, clock(broken))) == ([400], 2)
    assert milliseconds(final_latency(broken, clock(broken), expected_words=6)) == ([400], 5)


def test_a_guess_that_was_taken_back_in_a_complete_session_is_not_censored() -> None:
    found = log(*audio(3), said(Kind.PARTIAL, 300, ("um", 0, 100)), END)
    assert milliseconds(final_latency(found, clock(found), expected_words=3)) == ([], 0)


def test_words_without_times_have_no_latency() -> None:
    found = log(*audio(3), Event(Kind.FINAL, 900 * MS, words=(Word("one"),)), END)
    assert final_latency(found, clock(found)) is None
    assert partial_latency(found, clock(found)) is None


def test_first_words_and_acknowledgements() -> None:
    found = log(
        *audio(5, late_ms=7),
        Event(Kind.ACK, 230 * MS, samples=200),
        said(Kind.PARTIAL, 20),
        said(Kind.PARTIAL, 340, ("one", 0, 200)),
        END,
    )
    assert milliseconds(first_partial(found, clock(found))) == ([340], 0)
    assert milliseconds(ack_lag(found, clock(found))) == ([23], 0)
    assert first_partial(log(*audio(1)), clock(log(*audio(1)))) is None
    assert ack_lag(log(*audio(1)), clock(log(*audio(1)))) is None


def test_pace_counts_late_packets_and_speed() -> None:
    events = [*audio(10), Event(Kind.AUDIO, 1_180 * MS, due_ns=1_100 * MS, samples=1_100)]
    got = pace(clock(log(*events)), budget_ns=50 * MS)
    assert got == Pace(packets=11, late=1, worst_ns=80 * MS, audio_ns=1_000 * MS, span_ns=1_080 * MS)


def test_a_log_without_audio_has_no_clock() -> None:
    assert AudioClock.of(log(said(Kind.FINAL, 0, ("one", 0, 1)))) is None


def test_a_burst_counts_from_its_sending() -> None:
    burst = AudioClock(RATE, (100, 200, 300), (500 * MS, 500 * MS, 500 * MS), (0, 0, 0))
    assert [burst.spoken_ns(s) // MS for s in (50, 100, 150, 300, 999)] == [450, 500, 500, 500, 500]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=20), st.lists(st.integers(0, 8_000), max_size=10))
def test_on_a_live_stream_the_clock_is_the_audio_whatever_the_packets(sizes: list[int], places: list[int]) -> None:
    sums = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    live = AudioClock(RATE, tuple(sums), tuple(s * MS for s in sums), tuple(s * MS for s in sums))
    for place in places:
        assert live.spoken_ns(place) == min(place, sums[-1]) * MS

"""Delays from event logs: scheduled time, unclamped early guesses, censoring, and the sender's own lateness."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Pace
from harness.measures.times.latency import (
    ack_lag,
    final_latency,
    first_partial,
    pace,
    partial_latency,
    settled_latency,
)
from harness.statistics.percentiles import percentile
from testsets.events import Event, Kind
from testsets.transcript import Word

MS = 1_000_000


def test_finals_count_from_when_the_word_end_was_due_even_if_the_sender_was_late(logs) -> None:
    found = logs.log(*logs.audio(10, late=40), logs.final(900, ("one", 100, 250), ("two", 300, 500)), logs.end)
    assert logs.milliseconds(final_latency(found, logs.clock(found))) == ([400, 650], 0)


def test_an_early_guess_is_negative_and_kept(logs) -> None:
    events = logs.partial(450, ("two", 300, 480)), logs.final(900, ("two", 300, 500))
    found = logs.log(*logs.audio(10), *events, logs.end)
    assert logs.milliseconds(partial_latency(found, logs.clock(found))) == ([-50], 0)


def test_a_word_that_was_never_in_a_partial_is_first_shown_by_its_final(logs) -> None:
    events = logs.partial(400, ("ate", 0, 200)), logs.final(900, ("eight", 0, 200))
    found = logs.log(*logs.audio(10), *events, logs.end)
    assert logs.milliseconds(partial_latency(found, logs.clock(found))) == ([700], 0)


def test_a_word_settles_when_it_is_shown_for_good(logs) -> None:
    found = logs.log(
        *logs.audio(10),
        logs.partial(300, ("two", 100, 200)),
        logs.partial(400, ("too", 100, 200)),
        logs.partial(500, ("two", 100, 200)),
        logs.partial(600, ("two", 100, 200)),
        logs.final(900, ("two", 100, 200)),
        logs.end,
    )
    assert logs.milliseconds(partial_latency(found, logs.clock(found))) == ([100], 0)
    assert logs.milliseconds(settled_latency(found, logs.clock(found))) == ([300], 0)


def test_a_word_that_its_last_partial_had_lost_settles_with_its_final(logs) -> None:
    events = logs.partial(300, ("two", 100, 200)), logs.partial(400), logs.final(900, ("two", 100, 200))
    found = logs.log(*logs.audio(10), *events, logs.end)
    assert logs.milliseconds(settled_latency(found, logs.clock(found))) == ([700], 0)


def test_words_never_finalised_are_censored_not_dropped(logs) -> None:
    broken = logs.log(
        *logs.audio(10),
        logs.final(600, ("one", 0, 200)),
        logs.partial(700, ("two", 300, 400), ("three", 500, 600)),
        failure="closed",
    )
    clock = logs.clock(broken)
    assert logs.milliseconds(final_latency(broken, clock)) == ([400], 2)
    assert logs.milliseconds(final_latency(broken, clock, expected_words=6)) == ([400], 5)
    assert logs.milliseconds(settled_latency(broken, clock, expected_words=6)) == ([400], 5)
    assert logs.milliseconds(partial_latency(broken, clock, expected_words=6)) == ([400], 5)


def test_a_guess_that_was_taken_back_in_a_complete_session_is_not_censored(logs) -> None:
    found = logs.log(*logs.audio(3), logs.partial(300, ("um", 0, 100)), logs.end)
    for measure in (final_latency, partial_latency, settled_latency):
        assert logs.milliseconds(measure(found, logs.clock(found), expected_words=3)) == ([], 0)


def test_words_without_times_have_no_latency(logs) -> None:
    found = logs.log(*logs.audio(3), Event(Kind.FINAL, 900 * MS, words=(Word("one"),)), logs.end)
    for measure in (final_latency, partial_latency, settled_latency):
        assert measure(found, logs.clock(found)) is None


def test_first_words_and_acknowledgements(logs) -> None:
    found = logs.log(
        *logs.audio(5, late=7),
        Event(Kind.ACK, 230 * MS, samples=200),
        logs.partial(20),
        logs.partial(340, ("one", 100, 200)),
        logs.end,
    )
    clock = logs.clock(found)
    assert logs.milliseconds(first_partial(found, clock)) == ([340], 0)
    assert logs.milliseconds(first_partial(found, clock, speech_start=100)) == ([240], 0)
    assert logs.milliseconds(ack_lag(found, clock)) == ([23], 0)
    silent = logs.log(*logs.audio(1))
    assert first_partial(silent, logs.clock(silent)) is None
    assert ack_lag(silent, logs.clock(silent)) is None


def test_pace_counts_late_packets_and_speed(logs) -> None:
    events = [*logs.audio(10), Event(Kind.AUDIO, 1_180 * MS, due_ns=1_100 * MS, samples=1_100)]
    got = pace(logs.clock(logs.log(*events)), budget_ns=50 * MS)
    assert got == Pace(packets=11, late=1, worst_ns=80 * MS, audio_ns=1_000 * MS, span_ns=1_080 * MS)


def test_a_recogniser_that_stops_reading_is_slow_and_its_sender_is_not_late(logs) -> None:
    held = [Event(Kind.AUDIO, 900 * MS, n * MS, n, detail={"held_ns": (890 - n) * MS}) for n in (400, 500, 600)]
    found = logs.log(*logs.audio(3), *held, Event(Kind.ACK, 950 * MS, samples=600), logs.end)
    clock = logs.clock(found)
    assert pace(clock, budget_ns=50 * MS) == Pace(6, 0, 10 * MS, audio_ns=500 * MS, span_ns=510 * MS)
    assert logs.milliseconds(ack_lag(found, clock)) == ([340], 0)


def test_as_fast_as_audio_is_taken_no_packet_is_held(logs) -> None:
    held = Event(Kind.AUDIO, 900 * MS, samples=100, detail={"held_ns": 890 * MS})
    assert logs.clock(logs.log(held)).sent_ns == (900 * MS,)


@given(data=st.data(), measure=st.sampled_from([final_latency, partial_latency, settled_latency]))
def test_dying_never_improves_a_percentile(logs, data, measure) -> None:
    words = [(f"{text}{i}", *times) for i, (text, *times) in enumerate(data.draw(logs.spoken))]
    whole = logs.session(words, wrong=data.draw(st.lists(st.booleans(), max_size=30)))
    broken = logs.cut(whole, at=data.draw(st.integers(0, 12_000)))
    clock, q = logs.clock(whole), data.draw(st.sampled_from([0.01, 0.25, 0.5, 0.75, 0.9]))
    before, after = (measure(log, clock, len(words)) for log in (whole, broken))
    if before is None or after is None or None in (percentile(before, q), percentile(after, q)):
        return
    assert percentile(after, q) >= percentile(before, q)

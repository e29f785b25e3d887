"""Every measure of one session by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Delays
from harness.measures.times.deadlines import deadlines
from harness.measures.times.latency import final_latency, partial_latency, settled_latency
from harness.measures.times.perceived import emission_latency, perceived_latency
from harness.measures.times.session import NAMES, Asked, session_times
from harness.measures.times.values import Deadlines, RealTimeFactor
from testsets.case import AudioRef, Case
from testsets.events import Kind
from testsets.transcript import SpeakerTurn, Transcript, Word

CONFIG = {"max_delay": 0.4}


def taken(log, clock, asked):
    return {name: value for name, value, _ in session_times(log, clock, asked)}


def test_every_name_comes_once_with_a_value_or_a_reason(logs) -> None:
    for log in (
        logs.session([("a", 0, 300), ("b", 900, 1_200)]),
        logs.log(*logs.audio(2), failure="died"),
        logs.log(*logs.burst(100), logs.end),
    ):
        rows = list(session_times(log, logs.clock(log), Asked()))
        assert sorted(name for name, _, _ in rows) == sorted(NAMES)
        assert all(value is not None or why for _, value, why in rows)


@given(data=st.data())
def test_they_are_the_measures_of_their_names(logs, data) -> None:
    words = data.draw(logs.spoken.filter(bool))
    log = logs.session(words, wrong=data.draw(st.lists(st.booleans(), max_size=30)))
    if data.draw(st.booleans()):
        log = logs.cut(log, at=data.draw(st.integers(0, 9_000)))
    clock, reference = logs.clock(log), logs.reference(*words)
    got = taken(log, clock, Asked(reference, expected_words=len(words), config=CONFIG))
    assert got["final_latency"] == final_latency(log, clock, len(words))
    assert got["partial_latency"] == partial_latency(log, clock, len(words))
    assert got["settled_latency"] == settled_latency(log, clock, len(words))
    assert got["perceived_latency"] == perceived_latency(log, clock, reference)
    assert got["emission_latency"] == emission_latency(log, clock, reference)
    assert got["deadlines"] == deadlines(log, clock, 400_000_000, len(words))


@given(data=st.data())
def test_it_does_not_matter_when_a_session_ran(logs, data) -> None:
    words = data.draw(logs.spoken)
    log = logs.session(words, wrong=data.draw(st.lists(st.booleans(), max_size=30)))
    moved = logs.shifted(log, data.draw(st.integers(0, 10**18)))
    asked = Asked(logs.reference(*words), ((0, 500), (1_500, 2_000)), len(words), CONFIG)
    assert taken(log, logs.clock(log), asked) == taken(moved, logs.clock(moved), asked)


def test_a_golden_session(logs) -> None:
    words = [("one", 0, 250), ("two", 300, 520), ("three", 1_300, 1_480)]
    log = logs.session(words, hold=300, wrong=[True] * 3)
    asked = Asked(logs.reference(*words), ((0, 520), (1_300, 1_480)), 3, CONFIG)
    got = taken(log, logs.clock(log), asked)
    delays = {name: logs.milliseconds(value)[0] for name, value in got.items() if isinstance(value, Delays)}
    assert delays == {
        "final_latency": [325, 355, 385],
        "final_audio": [320, 350, 380],
        "final_compute": [5, 5, 5],
        "partial_latency": [30, 90, 160],
        "partial_audio": [20, 80, 150],
        "partial_compute": [10, 10, 10],
        "settled_latency": [30, 90, 160],
        "perceived_latency": [30, 90, 160],
        "emission_latency": [20, 80, 150],
        "perceived_compute": [10, 10, 10],
        "first_partial": [310],
        "first_audio": [300],
        "first_compute": [10],
        "turn_latency": [325, 385],
        "turn_audio": [320, 380],
        "turn_compute": [5, 5],
        "finish_latency": [30],
        "partial_interval": [95] * 3 + [100] * 6,
    }
    assert got["deadlines"] == Deadlines(in_time=3)
    assert got["drain_factor"] == RealTimeFactor(30_000_000, 1_900_000_000)
    assert got["erasure"].errors == got["unstable_words"].errors == 1


def test_a_case_tells_where_its_speech_is(logs) -> None:
    log = logs.log(*logs.audio(2), logs.end)
    turn, timed = SpeakerTurn("S1", 800, 1_600), Transcript((Word("one", 1_600, 3_200), Word("two")), 16_000)
    case = Case("case", AudioRef("a.wav", 8_000, 8_000), reference=timed, config=CONFIG)
    assert Asked.of(case, log, 2, 7) == Asked(timed, ((100, 200),), 2, CONFIG, 7)
    spoken = Case("case", AudioRef("a.wav", 8_000, 8_000), turns=(turn,))
    assert Asked.of(spoken, log, None, 7) == Asked(None, ((100, 200),), None, {}, 7)


def test_ends_of_utterances_are_measured_where_they_are_sent(logs) -> None:
    log = logs.log(*logs.session([("one", 0, 250)]).events, logs.at(Kind.UTTERANCE_END, 850))
    got = taken(log, logs.clock(log), Asked(speech=((0, 250),)))
    assert logs.milliseconds(got["utterance_end_latency"]) == ([600], 0)
    assert got["false_utterance_ends"].rate == pytest.approx(0)


def test_of_audio_that_was_never_spoken_no_promise_is_judged(logs) -> None:
    log = logs.log(*logs.burst(4_000), logs.final(3_000, ("one", 0, 250)), logs.at(Kind.UTTERANCE_END, 3_100), logs.end)
    rows = {name: (value, why) for name, value, why in session_times(log, logs.clock(log), Asked(config=CONFIG))}
    for name in ("deadlines", "utterance_end_latency", "false_utterance_ends"):
        assert rows[name] == (None, "audio was not paced")
    assert rows["real_time_factor"][0] == RealTimeFactor(10_000_000_000, 4_000_000_000)

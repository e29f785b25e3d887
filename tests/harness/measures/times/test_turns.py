"""The end of a turn: its last word final, and the recogniser saying so."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Share
from harness.measures.times.turns import (
    PAUSE_NS,
    false_utterance_ends,
    pause_ns,
    recognised_speech,
    turn_latency,
    turns,
    utterance_end_latency,
)
from testsets.events import Kind

MS = 1_000_000
SPANS = ((0, 1_000), (2_000, 3_000))


@pytest.mark.parametrize(
    ("config", "pause"),
    [
        ({}, PAUSE_NS),
        ({"conversation_config": {"end_of_utterance_silence_trigger": 0.8}}, 800 * MS),
        ({"transcription_config": {"conversation_config": {"end_of_utterance_silence_trigger": 1}}}, 1_000 * MS),
        ({"conversation_config": {"end_of_utterance_silence_trigger": 0}}, PAUSE_NS),
        ({"conversation_config": {"end_of_utterance_silence_trigger": "soon"}}, PAUSE_NS),
        ({"conversation_config": None}, PAUSE_NS),
    ],
)
def test_the_pause_is_what_the_session_asks_for(config, pause) -> None:
    assert pause_ns(config) == pause


def test_speech_is_joined_over_short_pauses_and_speakers() -> None:
    speech = [(2_000, 3_000), (0, 400), (700, 900), (300, 800), (2_100, 2_200)]
    assert turns(speech, rate=1_000, pause=500 * MS) == ((0, 900), (2_000, 3_000))
    assert turns([], rate=1_000, pause=500 * MS) == ()


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 500)), max_size=20), st.integers(1, 1_000))
def test_turns_stand_apart_by_the_pause_and_cover_all_speech(rows, pause) -> None:
    speech = [(start, start + length) for start, length in rows]
    got = turns(speech, rate=1_000, pause=pause * MS)
    assert all(b[0] - a[1] >= pause for a, b in pairwise(got))
    assert all(any(s <= start and end <= e for s, e in got) for start, end in speech)


def test_a_turn_is_answered_when_the_last_of_its_words_is_final(logs) -> None:
    found = logs.log(
        *logs.audio(40),
        logs.final(1_100, ("one", 100, 400)),
        logs.final(1_300, ("two", 500, 980)),
        logs.final(3_400, ("three", 2_100, 3_050)),
        logs.end,
    )
    assert logs.milliseconds(turn_latency(found, logs.clock(found), SPANS)) == ([300, 400], 0)
    assert recognised_speech(found) == ((100, 400), (500, 980), (2_100, 3_050))


def test_a_turn_without_words_is_left_out_and_one_cut_off_is_censored(logs) -> None:
    heard = [*logs.audio(40), logs.final(3_400, ("three", 2_100, 3_000))]
    found = logs.log(*heard, logs.end)
    assert logs.milliseconds(turn_latency(found, logs.clock(found), SPANS)) == ([400], 0)
    broken = logs.log(*heard, failure="died")
    assert logs.milliseconds(turn_latency(broken, logs.clock(broken), SPANS)) == ([], 1)
    silent = logs.log(*logs.audio(40), failure="died")
    assert logs.milliseconds(turn_latency(silent, logs.clock(silent), SPANS)) == ([], 2)


def test_without_times_or_speech_there_is_none(logs) -> None:
    found = logs.log(*logs.audio(40), logs.final(3_400, "three"), logs.end)
    assert turn_latency(found, logs.clock(found), SPANS) is None
    assert turn_latency(found, logs.clock(found), ()) is None


def test_ends_of_utterances_in_time_too_soon_and_never(logs) -> None:
    spans = (*SPANS, (4_000, 5_000), (6_000, 6_500))
    found = logs.log(
        *logs.audio(67),
        logs.at(Kind.UTTERANCE_END, 600),  # while someone speaks
        logs.at(Kind.UTTERANCE_END, 1_700),
        logs.at(Kind.UTTERANCE_END, 1_900),  # a second one for the same turn
        logs.at(Kind.UTTERANCE_END, 3_800),
        logs.end,
    )
    clock = logs.clock(found)
    # The third turn has none; the fourth is followed by too little audio to expect one.
    assert logs.milliseconds(utterance_end_latency(found, clock, spans, 500 * MS)) == ([700, 800], 1)
    assert false_utterance_ends(found, clock, spans) == Share(1, 4)


def test_a_wire_without_ends_of_utterances_has_no_such_measure(logs) -> None:
    found = logs.log(*logs.audio(40), logs.final(3_400, ("three", 2_100, 3_000)), logs.end)
    assert utterance_end_latency(found, logs.clock(found), SPANS, 500 * MS) is None
    assert false_utterance_ends(found, logs.clock(found), SPANS) is None

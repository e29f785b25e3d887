"""Sides in order, words as numbers, and the intervals in which words may be paired."""

from __future__ import annotations

import numpy as np

from harness.measures.meetings.meeting import Meeting, Side, by_speaker, without_times
from harness.measures.meetings.utterances import Utterance
from testsets.transcript import Word

LATE = Utterance("a", (Word("three", 200, 300), Word("one", 300, 305)))
EARLY = Utterance("b", (Word("two", 0, 101),))
EMPTY = Utterance("c", ())
UNTIMED = Utterance("a", (Word("three"),))


def test_utterances_are_taken_in_order_of_time_and_remember_their_place() -> None:
    side = Side.of([LATE, EMPTY, EARLY])
    assert side.utterances == (EARLY, LATE)
    assert (side.places, side.given, side.speakers) == ((2, 0), 3, ("b", "a"))
    assert side.speaker_of.tolist() == [0, 1]
    assert side.speaker_of_words.tolist() == [0, 1, 1]
    assert side.text(np.array([True, True])) == ["two", "three", "one"]
    assert side.timed


def test_without_times_utterances_stay_as_given() -> None:
    side = Side.of([UNTIMED, EARLY])
    assert side.utterances == (UNTIMED, EARLY)
    assert not side.timed


def test_intervals_count_half_samples_and_the_collar_widens_the_centre() -> None:
    meeting = Meeting(Side.of([LATE]), Side.of([EARLY]), rate=1_000, collar_ms=100)
    assert (meeting.said.start.tolist(), meeting.said.end.tolist()) == ([400, 600], [600, 610])
    assert (meeting.heard.start.tolist(), meeting.heard.end.tolist()) == ([101 - 200], [101 + 200])


def test_equal_words_have_equal_numbers_on_both_sides() -> None:
    meeting = Meeting(Side.of([LATE]), Side.of([UNTIMED]), rate=1_000, collar_ms=0)
    assert meeting.said_ids[0] == meeting.heard_ids[0]
    assert len(set(meeting.said_ids.tolist())) == 2
    assert not meeting.timed
    assert (meeting.said.start < meeting.said.end).all()  # any word may be paired with any


def test_streams_hold_the_utterances_of_each_speaker_end_to_end() -> None:
    more = Utterance("b", (Word("four", 400, 500),))
    meeting = Meeting(Side.of([LATE, EARLY, more]), Side.of([]), rate=1_000, collar_ms=0)
    streams = by_speaker(without_times(meeting.said), meeting.reference)
    names = {number: text for text, number in meeting.numbers.items()}
    assert [[names[i] for i in streams.part(k).ids.tolist()] for k in range(2)] == [["two", "four"], ["three", "one"]]
    assert by_speaker(meeting.heard, meeting.hypothesis).parts == 0

"""Right words, wrong speaker: how many recognised words carry the name of another speaker than who said them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.measures.counts import WordErrors
from harness.measures.meetings.meeting import Meeting
from harness.measures.meetings.pairing import Chosen, paired_errors, paired_words
from harness.measures.meetings.permutation import NOBODY, matching
from harness.measures.meetings.placement import places_of
from harness.measures.meetings.values import Attribution, AttributionErrors, Placed


def joined(meeting: Meeting, *, timed: bool) -> WordErrors:
    """The word errors of both sides in order of time, as though one speaker said it all.

    Args:
        timed: words may be paired only within the collar; the meeting must have times.
    """
    return paired_errors(meeting, *_everybody(meeting), timed=timed)


def attribution(meeting: Meeting, placed: Placed | None, *, timed: bool) -> Attribution:
    """Count the right words that the best pairs of speakers give to somebody else.

    Words are paired without regard to speakers: where utterances of one side went to the cheapest speaker of the other
    (ORC-WER or DI-cpWER), or all in order of time. A hypothesis speaker stands for the reference speaker it is matched
    with in cpWER, and one that is matched with nobody is wrong in every word.

    Args:
        placed: where the utterances went; None for all words in order of time.
        timed: words may be paired only within the collar.

    Source: El Shafey, Soltau and Shafran (Interspeech 2019), who align all words in order of time.
    """
    truth, heard = meeting.reference, meeting.hypothesis
    stands_for = np.full(len(heard.speakers), NOBODY, np.int64)
    for r, h in matching(meeting, timed=timed).pairs:
        if h != NOBODY:
            stands_for[h] = r
    heard_from = stands_for[heard.speaker_of_words]
    total = AttributionErrors()
    for said, found in [_everybody(meeting)] if placed is None else _groups(meeting, placed):
        left, right = paired_words(meeting, said, found, timed=timed)
        left = np.flatnonzero(np.repeat(said, np.diff(truth.bounds)))[left]
        right = np.flatnonzero(np.repeat(found, np.diff(heard.bounds)))[right]
        same = meeting.said_ids[left] == meeting.heard_ids[right]
        wrong = truth.speaker_of_words[left] != heard_from[right]
        total += AttributionErrors(
            int((wrong & same).sum()), int(same.sum()), int((wrong & ~same).sum()), int((~same).sum())
        )
    return Attribution(total, "nothing" if placed is None else placed.moved)


def _everybody(meeting: Meeting) -> tuple[Chosen, Chosen]:
    return np.ones(len(meeting.reference.utterances), np.bool_), np.ones(len(meeting.hypothesis.utterances), np.bool_)


def _groups(meeting: Meeting, placed: Placed) -> Iterator[tuple[Chosen, Chosen]]:
    """Which utterances of each side are compared with each other."""
    places = places_of(meeting, placed)
    if placed.moved == "reference":
        speakers = meeting.hypothesis.speaker_of
        yield from ((places == number, speakers == number) for number in range(len(meeting.hypothesis.speakers)))
    else:
        speakers = meeting.reference.speaker_of
        yield from ((speakers == number, places == number) for number in range(len(meeting.reference.speakers)))

"""What production answered, as segments: one for each utterance of a speaker, for formats that know no events."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from testsets.events import EventLog, Kind
from testsets.formats.segment import Segment
from testsets.transcript import Word

NOBODY = "UU"  # of words that the recogniser gave to no speaker


def segments(log: EventLog) -> Iterator[Segment]:
    """Final words in order, cut where the speaker changes and where the recogniser ended an utterance.

    Args:
        log: of one session; times are samples at its rate.
    """
    for utterance in _utterances(log):
        for speaker, words in groupby(utterance, key=lambda word: word.speaker or NOBODY):
            yield _segment(log.case_id, speaker, list(words))


def _utterances(log: EventLog) -> Iterator[list[Word]]:
    words: list[Word] = []
    for event in log.events:
        if event.kind is Kind.FINAL:
            words += event.words
        elif event.kind in (Kind.UTTERANCE_END, Kind.ENDED) and words:
            yield words
            words = []
    if words:
        yield words


def _segment(recording: str, speaker: str, words: list[Word]) -> Segment:
    starts = [word.start for word in words if word.start is not None]
    ends = [word.end for word in words if word.end is not None]
    timed = len(starts) == len(words)  # else nobody can say where the segment lies
    start, end = (min(starts), max(ends)) if timed else (None, None)
    return Segment(recording, start, end, speaker, " ".join(word.text for word in words))

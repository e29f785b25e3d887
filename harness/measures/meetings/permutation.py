"""Word errors when speakers are matched one to one: cpWER, and tcpWER with its collar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from harness.measures.counts import WordErrors
from harness.measures.meetings.meeting import Meeting, by_speaker
from harness.measures.meetings.pairing import paired_errors
from harness.measures.meetings.values import Permuted, SpeakerCountErrors
from kernels.timed_edit_distance import Words, distance

Pair = tuple[int | None, int | None]  # a reference speaker and a hypothesis speaker, None for nobody


def permuted(meeting: Meeting, *, timed: bool) -> Permuted:
    """The concatenated minimum-permutation word errors; exact, by assignment, for any number of speakers.

    A speaker beyond the other side's number is compared with nothing: all deleted, or all inserted.

    Args:
        timed: words may be paired only within the collar (tcpWER); the meeting must have times.

    Source: Watanabe et al., "CHiME-6 challenge" (2020), for cpWER; von Neumann et al., "MeetEval" (CHiME 2023), for
    tcpWER.
    """
    truth, heard = meeting.reference, meeting.hypothesis
    pairs = best_pairs(meeting, distances(meeting, timed=timed))
    errors = WordErrors()
    for r, h in pairs:
        said = truth.speaker_of == (-1 if r is None else r)
        found = heard.speaker_of == (-1 if h is None else h)
        errors += paired_errors(meeting, said, found, timed=timed)
    names = tuple(
        (None if r is None else truth.speakers[r], None if h is None else heard.speakers[h]) for r, h in pairs
    )
    more = len(heard.speakers) - len(truth.speakers)
    return Permuted(errors, SpeakerCountErrors(max(-more, 0), max(more, 0), len(truth.speakers)), names)


def distances(meeting: Meeting, *, timed: bool) -> NDArray[np.int64]:
    """(R, H) the errors of each reference speaker's words against each hypothesis speaker's."""
    truth, heard = by_speaker(meeting.said, meeting.reference), by_speaker(meeting.heard, meeting.hypothesis)
    said, found = [truth.part(r) for r in range(truth.parts)], [heard.part(h) for h in range(heard.parts)]
    if timed:
        table = [[distance(left, right) for right in found] for left in said]
    else:
        spelt = [_spelt(stream) for stream in found]
        table = [[Levenshtein.distance(left, right) for right in spelt] for left in map(_spelt, said)]
    return np.array(table, np.int64).reshape(len(said), len(found))


def best_pairs(meeting: Meeting, found: NDArray[np.int64]) -> tuple[Pair, ...]:
    """Pairs of speakers that together have the fewest errors, every speaker once.

    Args:
        found: as ``distances`` gives them.
    """
    from scipy.optimize import linear_sum_assignment  # slow to load, and most test sets name no speakers

    said = np.array([len(stream) for stream in meeting.reference.streams], np.int64)
    heard = np.array([len(stream) for stream in meeting.hypothesis.streams], np.int64)
    saved = said[:, None] + heard[None, :] - found  # against leaving both alone; never negative
    rows, columns = linear_sum_assignment(-saved)
    matched = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    alone = sorted(set(range(len(heard))) - set(matched.values()))
    return (*((r, matched.get(r)) for r in range(len(said))), *((None, h) for h in alone))


def _spelt(stream: Words) -> str:
    """Words as characters, one each: the fastest sequences to compare."""
    return "".join(map(chr, stream.ids.tolist()))

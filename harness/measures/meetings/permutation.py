"""Word errors when speakers are matched one to one: cpWER, and tcpWER with its collar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.measures.counts import WordErrors
from harness.measures.meetings.meeting import Meeting
from harness.measures.meetings.pairing import paired_errors
from harness.measures.meetings.values import Permuted, SpeakerCountErrors

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Matching:
    """Speakers matched so that errors are fewest; one of each pair may be NOBODY, never both."""

    pairs: tuple[tuple[int, int], ...]  # a reference speaker and a hypothesis speaker, every one once
    errors: Mapping[tuple[int, int], WordErrors]  # of each pair
    least: NDArray[np.int64]  # (R, H) fewer errors than this no pair has


def permuted(meeting: Meeting, *, timed: bool) -> Permuted:
    """The concatenated minimum-permutation word errors; exact, by assignment, for any number of speakers.

    A speaker beyond the other side's number is compared with nothing: all deleted, or all inserted.

    Args:
        timed: words may be paired only within the collar (tcpWER); the meeting must have times.

    Source: Watanabe et al., "CHiME-6 challenge" (2020), for cpWER; von Neumann et al., "MeetEval" (CHiME 2023), for
    tcpWER.
    """
    truth, heard = meeting.reference.speakers, meeting.hypothesis.speakers
    found = matching(meeting, timed=timed)
    names = tuple((None if r == NOBODY else truth[r], None if h == NOBODY else heard[h]) for r, h in found.pairs)
    more = len(heard) - len(truth)
    counted = SpeakerCountErrors(max(-more, 0), max(more, 0), len(truth))
    return Permuted(sum(found.errors.values(), WordErrors()), counted, names)


def matching(meeting: Meeting, *, timed: bool) -> Matching:
    """Match the speakers, comparing only those pairs whose words make them worth it.

    How many words two speakers have in common says how few errors they have at least. The best matching by these
    bounds is best of all once every pair in it has been compared: the others can only cost more than their bounds.
    """
    from scipy.optimize import linear_sum_assignment  # slow to load, and most test sets name no speakers

    least, alone = _bounds(meeting)
    cost, compared = least.copy(), dict[tuple[int, int], WordErrors]()
    while True:
        rows, columns = linear_sum_assignment(cost - alone)
        pairs = list(zip(rows.tolist(), columns.tolist(), strict=True))
        if all(pair in compared for pair in pairs):
            break
        for pair in pairs:
            if pair not in compared:
                compared[pair] = _compared(meeting, *pair, timed)
                cost[pair] = compared[pair].errors
    left = (
        sorted(set(range(least.shape[0])) - set(rows.tolist())),
        sorted(set(range(least.shape[1])) - set(columns.tolist())),
    )
    pairs = sorted([*pairs, *((r, NOBODY) for r in left[0])]) + [(NOBODY, h) for h in left[1]]
    errors = {pair: compared[pair] if pair in compared else _compared(meeting, *pair, timed) for pair in pairs}
    return Matching(tuple(pairs), errors, least)


def _compared(meeting: Meeting, r: int, h: int, timed: bool) -> WordErrors:
    return paired_errors(meeting, meeting.reference.speaker_of == r, meeting.hypothesis.speaker_of == h, timed=timed)


def _bounds(meeting: Meeting) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(R, H) the fewest errors that each pair of speakers can have, and what leaving both alone costs."""
    said = _counts(meeting, meeting.said_ids, meeting.reference.speaker_of_words, len(meeting.reference.speakers))
    heard = _counts(meeting, meeting.heard_ids, meeting.hypothesis.speaker_of_words, len(meeting.hypothesis.speakers))
    rows, columns = said.sum(axis=1)[:, None], heard.sum(axis=1)[None, :]
    common = [[np.minimum(row, column).sum() for column in heard] for row in said]
    shared = np.array(common, np.int64).reshape(len(said), len(heard))
    return np.maximum(rows, columns) - shared, rows + columns


def _counts(meeting: Meeting, ids: NDArray[np.int32], speakers: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(speakers, different words) how often each speaker says each word."""
    vocabulary = len(meeting.numbers)
    found = np.bincount(speakers * vocabulary + ids, minlength=count * vocabulary)
    return found.reshape(count, vocabulary)

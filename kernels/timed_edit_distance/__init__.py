"""Edit distance under a time constraint: two words may be paired only if their intervals overlap.

Contract (R reference words, H hypothesis words):

    Words       ids, and for each word the interval in which it may be paired, in any one integer unit of time
    overlap     start < the other's end, on both sides: touching is not overlapping, a point overlaps what is around it
    distance    fewest substitutions + deletions + insertions, where unequal or equal words may be paired only if they
                overlap; all intervals alike gives the plain edit distance
    pairing     (R,) for each reference word the hypothesis word it is paired with in one cheapest script, or -1; words
                are paired only where that is strictly cheaper than leaving one out (meeteval's rule)

Words need not be in order of time. ``reference`` is the truth: the whole matrix. ``cpu`` visits only a band: left of it
no later word can be paired, right of it no earlier one could, so there the distance grows by one a word.

Source: von Neumann et al., "MeetEval: A Toolkit for Computation of Word Error Rates for Meeting Transcription Systems"
(CHiME 2023), section 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SMALL = 20_000  # cells that plain Python fills before compiled code is worth loading


class Words(NamedTuple):
    """A sequence of words in spoken order."""

    ids: NDArray[np.int32]  # (N,) equal ids are equal words
    start: NDArray[np.int64]  # (N,)
    end: NDArray[np.int64]  # (N,)


def distance(reference: Words, hypothesis: Words) -> int:
    """Fewest errors of the two sequences under the time constraint."""
    if len(reference.ids) * len(hypothesis.ids) <= SMALL:
        from kernels.timed_edit_distance import reference as plain

        return plain.distance(reference, hypothesis)
    from kernels.timed_edit_distance import cpu

    return int(cpu.distance(reference, hypothesis, *band(reference, hypothesis)))


def pairing(reference: Words, hypothesis: Words) -> NDArray[np.int32]:
    """(R,) the hypothesis word that each reference word is paired with, -1 for none."""
    if len(reference.ids) * len(hypothesis.ids) <= SMALL:
        from kernels.timed_edit_distance import reference as plain

        return plain.pairing(reference, hypothesis)
    from kernels.timed_edit_distance import cpu

    return cpu.pairing(reference, hypothesis, *band(reference, hypothesis))


def band(reference: Words, hypothesis: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each reference word, how many hypothesis words lie before the band and how many up to its end; (R,) each.

    Both grow with the reference, also where words are not in order of time.
    """
    if not len(hypothesis.ids):
        none = np.zeros(len(reference.ids), np.int64)
        return none, none
    earliest = np.minimum.accumulate(reference.start[::-1])[::-1]  # of this and all later words
    latest = np.maximum.accumulate(reference.end)  # of this and all earlier words
    first = np.searchsorted(np.maximum.accumulate(hypothesis.end), earliest, side="right")
    last = np.searchsorted(np.minimum.accumulate(hypothesis.start[::-1])[::-1], latest, side="left")
    return first.astype(np.int64), np.maximum(first, last).astype(np.int64)

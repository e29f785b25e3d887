"""Which stream each utterance belongs to, so that all streams together have the fewest errors.

Contract (U utterances of N words in order, K streams of M words; U and K at least 1, every utterance has a word):

    Parts       words end to end, with the bounds of the utterances or streams among them
    choice      (U,) the stream of each utterance; a stream is compared with its utterances end to end, in order
    cost        edit distance summed over the streams; words may be paired only if their intervals overlap, as in
                ``kernels.timed_edit_distance``
    preferred   (U,) the stream an utterance goes to where several are as cheap

``reference`` is the truth: all positions in all streams. ``exact`` keeps, for each utterance, only the box of positions
that matter: in each stream those between the words that no later word can be paired with and those that no earlier one
could. Without a time constraint the box is everything, and grows with the product of the streams' lengths: exact where
that fits, and otherwise ``greedy`` (no constraint) or ``pairwise`` (with one) find a good choice that need not be best.

Source: Sklyar et al., "Multi-turn RNN-T for streaming recognition of multi-party speech" (ICASSP 2022), for the
measure; von Neumann et al., "On word error rate definitions and their efficient computation for multi-speaker speech
recognition systems" (ICASSP 2023), for the dynamic programme; the box per utterance is ours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.timed_edit_distance import Words, band

SMALL = 20_000  # cells that plain Python fills before compiled code is worth loading
EXACT_CELLS = 4e9  # seconds, not minutes
EXACT_POSITIONS = 6e7  # of all boxes together; four bytes each


class Parts(NamedTuple):
    """Utterances or streams, end to end."""

    ids: NDArray[np.int32]  # (N,) equal ids are equal words
    start: NDArray[np.int64]  # (N,)
    end: NDArray[np.int64]  # (N,)
    bounds: NDArray[np.int64]  # (parts + 1,) part p is bounds[p] to bounds[p + 1]

    @property
    def parts(self) -> int:
        return len(self.bounds) - 1

    def part(self, index: int) -> Words:
        """The words of one part."""
        own = slice(self.bounds[index], self.bounds[index + 1])
        return Words(self.ids[own], self.start[own], self.end[own])

    def chosen(self, indices: NDArray[np.int64]) -> Parts:
        """These parts, in this order."""
        sizes = np.diff(self.bounds)[indices]
        bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        places = np.arange(bounds[-1]) + np.repeat(self.bounds[:-1][indices] - bounds[:-1], sizes)
        return Parts(self.ids[places], self.start[places], self.end[places], bounds)


class Boxes(NamedTuple):
    """The positions that matter while an utterance is placed: words of each stream that lie behind, least and most."""

    first: NDArray[np.int64]  # (U + 1, K) row 0 is before the first utterance
    last: NDArray[np.int64]  # (U + 1, K)

    @property
    def sizes(self) -> NDArray[np.float64]:
        """(U + 1,) positions of each box; floats, because a product of lengths has no end."""
        widths: NDArray[np.float64] = (self.last - self.first + 1).astype(np.float64)
        sizes: NDArray[np.float64] = widths.prod(axis=1)
        return sizes


def boxes(utterances: Parts, streams: Parts) -> Boxes:
    """The box of each utterance."""
    words = Words(*utterances[:3])
    limits = [band(words, streams.part(k)) for k in range(streams.parts)]
    first = np.stack([low for low, _ in limits], axis=1)
    last = np.stack([high for _, high in limits], axis=1)
    begin, end = utterances.bounds[:-1], utterances.bounds[1:] - 1
    start = np.zeros((1, streams.parts), np.int64)
    return Boxes(np.concatenate([start, first[begin]]), np.concatenate([start, last[end]]))


def work(utterances: Parts, found: Boxes) -> float:
    """How many cells ``exact`` would fill."""
    streams = found.first.shape[1]
    return float((np.diff(utterances.bounds) * found.sizes[1:]).sum() * streams)


def feasible(utterances: Parts, found: Boxes, effort: float) -> bool:
    """Whether the best choice takes at most ``effort`` cells, and memory that there is."""
    return work(utterances, found) <= effort and float(found.sizes.sum()) <= EXACT_POSITIONS


def cheapest(
    utterances: Parts, streams: Parts, preferred: NDArray[np.int64], *, timed: bool, effort: float = EXACT_CELLS
) -> tuple[NDArray[np.int64], bool]:
    """The cheapest choice that was found, and whether nothing is cheaper.

    Args:
        timed: intervals differ; else every word may be paired with every other.
        effort: most cells for the best choice; beyond that, a good one.
    """
    if streams.parts == 1:
        return np.zeros(utterances.parts, np.int64), True
    if len(utterances.ids) * float(np.prod(np.diff(streams.bounds) + 1.0)) * streams.parts <= SMALL:
        from kernels.utterance_assignment import reference

        return reference.cheapest(utterances, streams, preferred)[1], True
    found = boxes(utterances, streams)
    if feasible(utterances, found, effort):
        from kernels.utterance_assignment import exact

        return exact.cheapest(utterances, streams, found, preferred)[1], True
    if timed:
        from kernels.utterance_assignment import pairwise

        cost, choice = pairwise.improve(utterances, streams, preferred, effort)
    else:
        from kernels.utterance_assignment import greedy

        cost, choice = greedy.improve(utterances, streams, preferred)
    return choice, cost == _bound(utterances, streams)


def _bound(utterances: Parts, streams: Parts) -> int:
    """No choice costs less: words that the other side does not have as often cannot be right."""
    vocabulary = 1 + max(int(utterances.ids.max(initial=0)), int(streams.ids.max(initial=0)))
    said, heard = (np.bincount(side.ids, minlength=vocabulary) for side in (utterances, streams))
    return max(len(utterances.ids), len(streams.ids)) - int(np.minimum(said, heard).sum())

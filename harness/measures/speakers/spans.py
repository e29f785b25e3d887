"""Stretches of time as parallel integer arrays: whose they are, where they begin and end. No Python loop over turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from testsets.transcript import SpeakerTurn

Integers: TypeAlias = npt.NDArray[np.int64]

_BLOCK = 1 << 21  # pairs looked at in one go: about 100 MB at the peak


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time, none of them empty; those of one owner may overlap."""

    owner: Integers  # (n,) 0 .. owners - 1
    start: Integers  # (n,) samples
    end: Integers  # (n,) samples, after the start
    owners: int

    @classmethod
    def of_turns(cls, turns: Sequence[SpeakerTurn]) -> Spans:
        """The turns that last, owners in order of their first turn."""
        names = [turn.speaker for turn in turns]
        number = {name: place for place, name in enumerate(dict.fromkeys(names))}
        owner = np.fromiter(map(number.__getitem__, names), np.int64, len(names))
        start, end = (np.fromiter(map(attrgetter(at), turns), np.int64, len(names)) for at in ("start", "end"))
        return lasting(start, end, owner, len(number))

    @classmethod
    def of_pairs(cls, pairs: Iterable[tuple[int, int]]) -> Spans:
        """The (start, end) pairs that last, all of one owner."""
        flat = np.fromiter(chain.from_iterable(pairs), np.int64)
        return lasting(flat[::2], flat[1::2])

    @property
    def length(self) -> Integers:
        return self.end - self.start

    def united(self) -> Spans:
        """The same stretches, of one owner."""
        return Spans(np.zeros_like(self.owner), self.start, self.end, 1)

    def at_depth(self, depth: int, *, join: bool = True) -> Spans:
        """Where an owner is active at least ``depth`` times at once, sorted by owner, then by time.

        Args:
            depth: 1 for where he is active at all.
            join: make one of stretches that touch.
        """
        first, last = (0, 1) if join else (1, 0)  # whether starts or ends come first at the same time
        moment = np.concatenate([2 * self.start + first, 2 * self.end + last])
        order = np.lexsort((moment, np.concatenate([self.owner, self.owner])))
        moment = moment[order]
        begins = moment & 1 == first
        level = np.cumsum(np.where(begins, 1, -1))
        rise, fall = begins & (level == depth), ~begins & (level == depth - 1)
        owner = self.owner[order[rise]]  # a rise is a start, so its place in ``order`` is its stretch
        return lasting(moment[rise] >> 1, moment[fall] >> 1, owner, self.owners)

    def totals(self) -> Integers:
        """How long each owner is active; overlaps of his own count as often as they occur."""
        return np.bincount(self.owner, self.length, self.owners).astype(np.int64)  # exact below 2**53 samples


def lasting(start: Integers, end: Integers, owner: Integers | None = None, owners: int = 1) -> Spans:
    """The stretches that end after they start; all of one owner unless said otherwise."""
    owner = np.zeros_like(start) if owner is None else owner
    lasts = end > start
    return Spans(owner[lasts], start[lasts], end[lasts], owners)


def meetings(a: Spans, b: Spans) -> tuple[int, Iterator[tuple[Integers, Integers]]]:
    """How many pairs of a stretch of ``a`` and one of ``b`` share time, and those pairs as indices, a block at a time.

    Of two that meet, the one that starts later starts within the other: each pair is found once.
    """
    first, second = _started_within(a, b, "left"), _started_within(b, a, "right")
    blocks = chain(first.blocks(), ((i, j) for j, i in second.blocks()))
    return int(first.count.sum() + second.count.sum()), blocks


@dataclass(frozen=True, slots=True)
class _Started:
    """For each of the outer stretches, the inner ones that start within it: a run of them in order of start."""

    order: Integers  # the inner ones in order of start
    first: Integers  # where in it the run begins
    count: Integers  # how long it is

    def blocks(self) -> Iterator[tuple[Integers, Integers]]:
        total = np.cumsum(self.count)
        cuts = np.searchsorted(total, np.arange(_BLOCK, total[-1] if len(total) else 0, _BLOCK)) + 1
        for low, high in zip([0, *cuts], [*cuts, len(total)], strict=True):
            taken = self.count[low:high]
            outer = np.repeat(np.arange(low, high), taken)
            within = np.arange(len(outer)) - np.repeat(np.cumsum(taken) - taken, taken)
            yield outer, self.order[self.first[outer] + within]


def _started_within(outer: Spans, inner: Spans, side: Literal["left", "right"]) -> _Started:
    order = np.argsort(inner.start, kind="stable")
    starts = inner.start[order]
    first = np.searchsorted(starts, outer.start, side)
    return _Started(order, first, np.searchsorted(starts, outer.end, "left") - first)

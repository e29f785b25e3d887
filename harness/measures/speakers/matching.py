"""How long each speaker of one side speaks with each of the other, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.errors import EvidenceError
from harness.measures.speakers.spans import Integers, Spans, meetings

_MOST_MEETINGS = 100_000_000  # pairs of turns at one time: ten seconds of work and more
_MOST_PAIRS = 5_000_000  # pairs of speakers, as many as a million speakers in a row make
_MOST_WORK = 10_000_000_000  # speakers times pairs of them that meet one another: half a minute to map
_DENSE = 4_000_000  # cells of the largest table that is filled out, 32 MB
_SMALL = 4_096  # cells of a table that is quicker to fill out than to avoid


@dataclass(frozen=True, slots=True)
class Shared:
    """Time in which two speakers are both active, for the pairs that share any, in order."""

    reference: Integers  # (n,) speaker of the reference
    hypothesis: Integers  # (n,) speaker of the hypothesis
    time: Integers  # (n,) samples

    def within(self, pairs: Shared) -> Integers:
        """The time that each of the given pairs shares here."""
        width = 1 + max(int(side.hypothesis.max(initial=0)) for side in (self, pairs))
        own, wanted = (side.reference * width + side.hypothesis for side in (self, pairs))
        if not len(own):
            return np.zeros_like(wanted)
        place = np.minimum(np.searchsorted(own, wanted), len(own) - 1)
        return np.where(own[place] == wanted, self.time[place], 0)

    def only(self, chosen: Integers) -> Shared:
        return Shared(self.reference[chosen], self.hypothesis[chosen], self.time[chosen])


def shared_time(reference: Spans, hypothesis: Spans) -> Shared:
    """Sum the time that stretches of both sides share, by pair of speakers.

    Args:
        reference: stretches of the reference.
        hypothesis: stretches of the hypothesis, on the same clock. Where a speaker overlaps himself, each pair of
            stretches counts.

    Raises:
        EvidenceError: so many turns are at the same time that no file of real speech can be meant.
    """
    count, blocks = meetings(reference, hypothesis)
    if count > _MOST_MEETINGS:
        what = f"{count} pairs of turns are at the same time; this is no speech: check times and speakers"
        raise EvidenceError("speaker turns", what)
    width = max(hypothesis.owners, 1)
    keys, times = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for i, j in blocks:
        shared = np.minimum(reference.end[i], hypothesis.end[j]) - np.maximum(reference.start[i], hypothesis.start[j])
        key, time = _summed(reference.owner[i] * width + hypothesis.owner[j], shared, reference.owners * width)
        keys.append(key)
        times.append(time)
        if sum(map(len, keys)) > _MOST_PAIRS:
            what = "so many speakers are at the same time that this is no speech: check their names"
            raise EvidenceError("speaker turns", what)
    key, time = _summed(np.concatenate(keys), np.concatenate(times), reference.owners * width)
    return Shared(key // width, key % width, time)


def _summed(key: Integers, value: Integers, keys: int) -> tuple[Integers, Integers]:
    """The sum of the values of each key that has any, in order of keys; sums are exact below 2**53 samples."""
    if keys <= _SMALL:
        total = np.bincount(key, value, keys).astype(np.int64)
        found = np.flatnonzero(total)
        return found, total[found]
    found, place = np.unique(key, return_inverse=True)
    return found, np.bincount(place, value, len(found)).astype(np.int64)


def best_pairs(shared: Shared, worth: npt.NDArray[np.float64] | None = None) -> Shared:
    """Pair speakers one to one so that the sum over the pairs is largest.

    Args:
        shared: the pairs to choose from.
        worth: (n,) what each pair is worth, positive; without it, the time it shares.

    Raises:
        EvidenceError: there are so many speakers that no file of real speech can be meant.
    """
    if not len(shared.time):
        return shared
    worth = shared.time.astype(np.float64) if worth is None else worth
    chosen = [among[_chosen(shared.only(among), worth[among])] for among in _acquainted(shared)]
    return shared.only(np.concatenate(chosen))


def _acquainted(shared: Shared) -> list[Integers]:
    """The pairs in groups that have no speaker in common; all in one group where a table of them is small."""
    if _cells(shared.reference, shared.hypothesis) <= _DENSE:
        return [np.arange(len(shared.time))]
    rows, row = np.unique(shared.reference, return_inverse=True)
    columns, column = np.unique(shared.hypothesis, return_inverse=True)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(rows) + len(columns)
    graph = coo_array((np.ones(len(row), np.int8), (row, len(rows) + column)), shape=(size, size))
    group = connected_components(graph, directed=False)[1][row]
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _cells(row: Integers, column: Integers) -> int:
    return (int(row.max()) + 1) * (int(column.max()) + 1)


def _chosen(shared: Shared, worth: npt.NDArray[np.float64]) -> Integers:
    if len(worth) == 1:
        return np.zeros(1, np.int64)
    row, column = shared.reference, shared.hypothesis
    if _cells(row, column) > _SMALL:
        row, column = (np.unique(side, return_inverse=True)[1] for side in (row, column))
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    if _cells(row, column) <= _DENSE:
        return _dense(row, column, worth, shape)
    if shape[0] * len(row) > _MOST_WORK:
        what = f"{shape[0]} and {shape[1]} speakers all meet, directly or not; this is no speech: check their names"
        raise EvidenceError("speaker turns", what)
    return _sparse(row, column, worth, shape)


def _dense(row: Integers, column: Integers, worth: npt.NDArray[np.float64], shape: tuple[int, int]) -> Integers:
    from scipy.optimize import linear_sum_assignment  # slow to load, and most test sets name no speakers

    table = np.zeros(shape)
    table[row, column] = worth
    place = np.full(shape, -1, np.int64)
    place[row, column] = np.arange(len(row))
    chosen: Integers = place[linear_sum_assignment(table, maximize=True)]
    return chosen[chosen >= 0]


def _sparse(row: Integers, column: Integers, worth: npt.NDArray[np.float64], shape: tuple[int, int]) -> Integers:
    """Each row may stay alone, with a column of its own that is worth nothing."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    rows, columns = shape
    dear = 2 * worth.max() + 1  # a price is positive, or the pair would not be one
    price = np.concatenate([dear - worth, np.full(rows, dear)])
    alone = np.arange(rows)
    graph = coo_array(
        (price, (np.append(row, alone), np.append(column, columns + alone))), shape=(rows, columns + rows)
    ).tocsr()
    matched = min_weight_full_bipartite_matching(graph)[1]
    chosen: Integers = np.flatnonzero(matched[row] == column)
    return chosen

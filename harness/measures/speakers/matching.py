"""How long each speaker of one side speaks with each of the other, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.errors import EvidenceError
from harness.measures.speakers.spans import Integers, Spans, meeting_count, meetings

_MOST_MEETINGS = 500_000_000  # pairs of turns at one time: about a minute of work
_MOST_SPEAKERS = 40_000  # of both sides that meet one another: more take minutes to map
_DENSE = 4_000_000  # cells of the largest table that is filled out, 32 MB


@dataclass(frozen=True, slots=True)
class Shared:
    """Time in which two speakers are both active, for the pairs that share any."""

    reference: Integers  # (n,) speaker of the reference
    hypothesis: Integers  # (n,) speaker of the hypothesis
    time: Integers  # (n,) samples

    def within(self, pairs: Shared) -> int:
        """The time that the given pairs share here."""
        span = 1 + max(int(side.hypothesis.max(initial=0)) for side in (self, pairs))
        own = self.reference * span + self.hypothesis
        return int(self.time[np.isin(own, pairs.reference * span + pairs.hypothesis)].sum())

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
    count = meeting_count(reference, hypothesis)
    if count > _MOST_MEETINGS:
        what = f"{count} pairs of turns are at the same time; this is no speech: check times and speakers"
        raise EvidenceError("speaker turns", what)
    width = max(hypothesis.owners, 1)
    keys, times = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for i, j in meetings(reference, hypothesis):
        shared = np.minimum(reference.end[i], hypothesis.end[j]) - np.maximum(reference.start[i], hypothesis.start[j])
        found, time = _summed(reference.owner[i] * width + hypothesis.owner[j], shared)
        keys.append(found)
        times.append(time)
    key, time = _summed(np.concatenate(keys), np.concatenate(times))
    return Shared(key // width, key % width, time)


def _summed(key: Integers, value: Integers) -> tuple[Integers, Integers]:
    found, place = np.unique(key, return_inverse=True)
    return found, np.bincount(place, value, len(found)).astype(np.int64)  # exact below 2**53 samples


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
    rows, row = np.unique(shared.reference, return_inverse=True)
    columns, column = np.unique(shared.hypothesis, return_inverse=True)
    if len(rows) * len(columns) <= _DENSE:
        return [np.arange(len(row))]
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(rows) + len(columns)
    graph = coo_array((np.ones(len(row), np.int8), (row, len(rows) + column)), shape=(size, size))
    group = connected_components(graph, directed=False)[1][row]
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _chosen(shared: Shared, worth: npt.NDArray[np.float64]) -> Integers:
    if len(worth) == 1:
        return np.zeros(1, np.int64)
    rows, row = np.unique(shared.reference, return_inverse=True)
    columns, column = np.unique(shared.hypothesis, return_inverse=True)
    shape = (len(rows), len(columns))
    if len(rows) * len(columns) <= _DENSE:
        return _dense(row, column, worth, shape)
    if sum(shape) > _MOST_SPEAKERS:
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

"""Plain truth: every path of a small lattice. Nobody optimises this file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

I32 = NDArray[np.int32]
Floats = NDArray[np.float64]


def paths(source: I32, target: I32, nodes: int) -> Iterator[tuple[int, ...]]:
    """Every path from node 0 to the last node, as arc numbers."""
    waiting: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    while waiting:
        node, taken = waiting.pop()
        if node == nodes - 1:
            yield taken
        for arc in np.flatnonzero(source == node).tolist():
            waiting.append((int(target[arc]), (*taken, arc)))


def arc_posteriors(source: I32, target: I32, score: Floats, nodes: int) -> Floats:
    """(A,) share of all paths' weights that belongs to paths over each arc."""
    weight = np.zeros(len(source))
    total = 0.0
    for path in paths(source, target, nodes):
        one = float(np.exp(score[list(path)].astype(np.float64).sum()))
        weight[list(path)] += one
        total += one
    return weight / total


def sentences(source: I32, target: I32, label: I32, score: Floats, nodes: int) -> dict[tuple[int, ...], float]:
    """Posterior of every word sequence."""
    found: defaultdict[tuple[int, ...], float] = defaultdict(float)
    for path in paths(source, target, nodes):
        words = tuple(int(label[arc]) for arc in path if label[arc])
        found[words] += float(np.exp(score[list(path)].astype(np.float64).sum()))
    total = sum(found.values())
    return {words: weight / total for words, weight in found.items()}


def risk(words: Sequence[int], posteriors: dict[tuple[int, ...], float]) -> float:
    """Expected edit distance."""
    return sum(share * _distance(words, other) for other, share in posteriors.items())


def _distance(one: Sequence[int], other: Sequence[int]) -> int:
    row = list(range(len(other) + 1))
    for place, word in enumerate(one, 1):
        before, row[0] = row[0], place
        for column, against in enumerate(other, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (word != against))
    return row[-1]

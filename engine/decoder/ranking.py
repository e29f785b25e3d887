"""The n best word sequences of a lattice."""

from __future__ import annotations

import heapq
from collections import defaultdict
from itertools import count

import numpy as np

from engine.decoder.lattice import WordLattice

MOST_STEPS = 100_000  # of the search; a lattice of equal words in many timings is given up after so many


def best_sentences(lattice: WordLattice, most: int) -> list[tuple[tuple[int, ...], float]]:
    """The best different word sequences and their scores, best first.

    Args:
        lattice: an ``ended`` one.
        most: how many at most.

    Source: A* from the start with the exact score of the rest (Soong and Huang, 1991), by which paths leave in order.
    """
    rest, leaving = _scores_of_rests(lattice)
    order = count()
    waiting: list[tuple[float, int, int, tuple[int, ...], float]] = [(-float(rest[0]), next(order), 0, (), 0.0)]
    found: dict[tuple[int, ...], float] = {}
    seen: set[tuple[int, tuple[int, ...]]] = set()
    for _ in range(MOST_STEPS):
        if not waiting or len(found) == most:
            break
        _, _, node, words, score = heapq.heappop(waiting)
        if (node, words) in seen:
            continue  # the same words have reached this node by a better path
        seen.add((node, words))
        if node == len(lattice.frames) - 1:
            found.setdefault(words, score)
            continue
        for arc in leaving[node]:
            target, word, there = int(lattice.target[arc]), int(lattice.word[arc]), score + float(lattice.scores[arc])
            said = (*words, word) if word else words
            heapq.heappush(waiting, (-(there + float(rest[target])), next(order), target, said, there))
    return list(found.items())


def _scores_of_rests(lattice: WordLattice) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], dict[int, list[int]]]:
    rest = np.full(len(lattice.frames), -np.inf)
    rest[-1] = 0.0
    leaving: defaultdict[int, list[int]] = defaultdict(list)
    scores = lattice.scores.astype(np.float64)
    for arc in range(len(scores) - 1, -1, -1):
        source = int(lattice.source[arc])
        rest[source] = max(rest[source], scores[arc] + rest[lattice.target[arc]])
        leaving[source].append(arc)
    return rest, leaving

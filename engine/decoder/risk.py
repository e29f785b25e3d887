"""The words of a lattice that are wrong least often, each with its posterior.

The hypothesis has a place for every word of the lattice's best path, and a place between any two; each place takes the
label (a word, or none) that is most probable there when all paths are aligned with the hypothesis, until none changes.

Source: Xu, Povey, Mangu and Zhu, "Minimum Bayes risk decoding and system combination based on a recursion for edit
distance" (2011); unlike there, places stay, so that every word remains tied to a place of the best path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.decoder.lattice import WordLattice
from kernels.lattice.cpu import arc_losses, place_counts

ROUNDS = 4  # most changes of the hypothesis; it rarely takes more than two


@dataclass(frozen=True, slots=True)
class Place:
    """What is said at one place of a hypothesis."""

    word: int  # number, 0 = none
    posterior: float
    start_frame: int
    end_frame: int  # where the next word begins


def best_arcs(lattice: WordLattice) -> NDArray[np.int64]:
    """The arcs of the best path that say a word, in order; the lattice must be ``ended``."""
    losses = arc_losses(lattice.source, lattice.target, lattice.scores.astype(np.float64), len(lattice.frames))
    path, node = [], 0
    while node < len(lattice.frames) - 1:
        leaving = np.flatnonzero(lattice.source == node)
        arc = int(leaving[np.argmin(losses[leaving])])
        if lattice.word[arc]:
            path.append(arc)
        node = int(lattice.target[arc])
    return np.array(path, np.int64)


def likely_places(lattice: WordLattice, arcs: NDArray[np.int64], scale: float, *, change: bool) -> list[Place]:
    """Places of the best path's n words: 2 n + 1 of them, those of odd number the words', the others between.

    Args:
        lattice: an ``ended`` one.
        arcs: of its best path, as ``best_arcs`` gives them.
        scale: multiplies scores, so that paths which differ by many frames of sound are not told apart too surely.
        change: take the most probable label at each place; otherwise that of the best path.
    """
    words, labels = np.unique(np.append(0, lattice.word), return_inverse=True)
    label = np.asarray(labels[1:], np.int32)
    hypothesis: NDArray[np.int32] = np.zeros(2 * len(arcs) + 1, np.int32)
    hypothesis[1::2] = label[arcs]
    score = lattice.scores.astype(np.float64) * scale
    for _ in range(ROUNDS):
        _, counts = place_counts(
            lattice.source, lattice.target, label, score, len(lattice.frames), hypothesis, len(words)
        )
        following = counts.argmax(1).astype(np.int32)
        if not change or (following == hypothesis).all():
            break
        hypothesis = following
    starts, ends = lattice.frames[lattice.source[arcs]], lattice.frames[lattice.target[arcs]]
    found = []
    for place, chosen in enumerate(hypothesis.tolist()):
        index = place // 2
        if place % 2:
            start, end = int(starts[index]), int(ends[index])
        else:
            start = int(ends[index - 1]) if index else int(lattice.frames[0])
            end = int(starts[index]) if index < len(arcs) else int(lattice.frames[-1])
        found.append(Place(int(words[chosen]), min(float(counts[place, chosen]), 1.0), start, end))
    return found

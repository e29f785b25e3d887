"""A lattice without what lies too far behind its best path."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.decoder.lattice import WordLattice
from kernels.compiled import compiled

I32 = NDArray[np.int32]
F32 = NDArray[np.float32]


def within(lattice: WordLattice, beam: float) -> WordLattice:
    """Keep the arcs and nodes on a path whose score is within a beam of the best's.

    Args:
        beam: nats.
    """
    order = np.argsort(lattice.source, kind="stable").astype(np.int32)
    forward, backward = best_scores(order, lattice.source, lattice.target, lattice.scores, lattice.final)
    bar = backward[0] - np.float32(beam)
    arcs = forward[lattice.source] + lattice.scores + backward[lattice.target] >= bar
    nodes = forward + backward >= bar
    nodes[0] = True
    number = np.cumsum(nodes) - 1
    arcs &= nodes[lattice.source] & nodes[lattice.target]
    ending = forward + lattice.final >= bar
    return WordLattice(
        frames=lattice.frames[nodes],
        source=number[lattice.source[arcs]].astype(np.int32),
        target=number[lattice.target[arcs]].astype(np.int32),
        word=lattice.word[arcs],
        acoustic=lattice.acoustic[arcs],
        grammar=lattice.grammar[arcs],
        final=np.where(ending, lattice.final, -np.inf)[nodes].astype(np.float32),
    )


@compiled
def best_scores(order: I32, source: I32, target: I32, score: F32, final: F32) -> tuple[F32, F32]:
    """Best score from the start to every node, and from every node to an end.

    Args:
        order: (A,) arcs sorted by source.
        source: (A,) and target (A,): nodes, targets of higher numbers.
        final: (N,) score of ending at a node.
    """
    forward = np.full(len(final), -np.inf, np.float32)
    backward = final.copy()
    forward[0] = 0.0
    for arc in order:
        forward[target[arc]] = max(forward[target[arc]], forward[source[arc]] + score[arc])
    for arc in order[::-1]:
        backward[source[arc]] = max(backward[source[arc]], backward[target[arc]] + score[arc])
    return forward, backward

"""Token passing: the best path of CTC log-probs through a word graph, frame by frame, in fixed memory.

Contract (S states, A arcs, V tokens of the acoustic alphabet, token 0 the blank, V <= 64):

    Graph       the word graph; arcs of a state lie together, epsilon arcs (phone 0) first, no epsilon cycle
    position    (state, phone): where a path is, and the phone it last entered; 0 = a blank was seen since
    scores      (T, V) natural log weights of tokens a frame, already scaled; higher is better
    moves       stay on the phone (emit it again), emit a blank, or take an arc and emit its phone, which must differ
                from the phone of the position (CTC repeats need a blank between); epsilon arcs emit nothing
    path score  sum of scores minus sum of arc costs

``reference`` is the truth: float64, no beam. ``cpu`` is the same search with a beam, a limit of active tokens and
fixed capacities: where one is full the beam tightens, and nothing is ever allocated.

Every token points to its newest record; a record says which phone or word its path took on, in which frame, and
points to the record before it. Records are few (one a phone, one a late word), are numbered in order of time
(parents below children), and are compacted when the pool is nearly full.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PHONE_BITS = 6  # a position packs as state << 6 | phone


class Graph(NamedTuple):
    """A word graph over phones; state 0 is the start."""

    offsets: NDArray[np.int32]  # (S + 1,) arcs of state s: offsets[s] to offsets[s + 1]
    dest: NDArray[np.int32]  # (A,)
    phone: NDArray[np.uint8]  # (A,) 0 = epsilon
    word: NDArray[np.int32]  # (A,) 0 = none
    cost: NDArray[np.float32]  # (A,) nats
    final: NDArray[np.float32]  # (S,) cost of stopping, infinite where a path cannot end


ARC = np.dtype([("dest", np.int32), ("cost", np.float32), ("word", np.int32), ("phone", np.uint8), ("", "V3")])


def interleaved(graph: Graph) -> Graph:
    """The same graph with all that belongs to an arc in 16 bytes together, so that a move costs one cache line."""
    arcs = np.zeros(len(graph.dest), ARC)
    for name in ("dest", "cost", "word", "phone"):
        arcs[name] = getattr(graph, name)
    return Graph(graph.offsets, arcs["dest"], arcs["phone"], arcs["word"], arcs["cost"], graph.final)

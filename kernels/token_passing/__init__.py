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

One stream may have more words than the others: an ``extension``, states and arcs written into the room behind those of
the shared graph. It alone enters them, by a door: wherever one of its tokens follows the epsilon arcs of the graph's
hub, it follows those of the door too. Nothing in the shared graph changes, and other streams never see the extension.

Every token points to its newest record; a record says which phone or word its path took on, in which frame, and
points to the record before it. Records are few (one a phone, one a late word), are numbered in order of time
(parents below children), and are compacted when the pool is nearly full.

With a lattice beam the records become a lattice: where paths meet, the record made there (a join, if nothing was
entered) holds a side link for every path that is worse by less than that beam. Scores of links are not stored: a side
link says by how much its path is worse than the best one to its record, so a path's score is that of the best path
less the losses along it, and pruning only has to add losses up. Paths that took the same arcs in the same frames and
differ in when a phone gave way to a blank are one path, the best of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

PHONE_BITS = 6  # a position packs as state << 6 | phone
MOST_EPSILONS = 60


class Graph(NamedTuple):
    """A word graph over phones; state 0 is the start."""

    offsets: NDArray[np.int32]  # (S + 1,) arcs of state s: offsets[s] to offsets[s + 1]
    dest: NDArray[np.int32]  # (A,)
    phone: NDArray[np.uint8]  # (A,) 0 = epsilon
    word: NDArray[np.int32]  # (A,) 0 = none
    cost: NDArray[np.float32]  # (A,) nats
    final: NDArray[np.float32]  # (S,) cost of stopping, infinite where a path cannot end
    rank: NDArray[np.uint8] = np.zeros(0, np.uint8)  # (S,) most epsilon arcs on a way here; filled in by interleaved


ARC = np.dtype([("dest", np.int32), ("cost", np.float32), ("word", np.int32), ("phone", np.uint8), ("", "V3")])


def interleaved(graph: Graph, room: int = 0) -> Graph:
    """The same graph as a search wants it: all of an arc in 16 bytes together, so that a move costs one cache line.

    Args:
        room: arcs and states to leave free behind those of the graph, for extensions; the memory is not touched before.

    Raises:
        ValueError: epsilon arcs make a cycle.
    """
    arcs = np.zeros(len(graph.dest) + room, ARC)
    for name in ("dest", "cost", "word", "phone"):
        arcs[name][: len(graph.dest)] = getattr(graph, name)
    offsets, final, rank = graph.offsets, graph.final, _epsilon_ranks(graph)
    if room:
        offsets, final, rank = _longer(offsets, room), _longer(final, room), _longer(rank, room)
    return Graph(offsets, arcs["dest"], arcs["phone"], arcs["word"], arcs["cost"], final, rank)


def _longer(values: NDArray[Any], room: int) -> NDArray[Any]:
    longer = np.zeros(len(values) + room, values.dtype)
    longer[: len(values)] = values
    return longer


def _epsilon_ranks(graph: Graph) -> NDArray[np.uint8]:
    source = np.repeat(np.arange(len(graph.final)), np.diff(graph.offsets))
    silent = graph.phone == 0
    source, dest = source[silent], graph.dest[silent]
    rank = np.zeros(len(graph.final), np.uint8)
    for _ in range(MOST_EPSILONS + 1):
        later = rank.copy()
        np.maximum.at(later, dest, rank[source] + 1)
        if (later == rank).all():
            return rank
        rank = later
    raise ValueError(f"more than {MOST_EPSILONS} epsilon arcs in a row, or a cycle of them; build the graph again")

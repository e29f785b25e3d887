"""The words of one stream written into the room behind a shared graph; see the package for the contract."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.token_passing import Graph


class Extension(NamedTuple):
    """States and arcs of their own: E states, B arcs; state 0 is the door, and only its arcs are epsilon arcs."""

    offsets: NDArray[np.int32]  # (E + 1,) arcs of state e: offsets[e] to offsets[e + 1]
    dest: NDArray[np.int32]  # (B,) a state of the shared graph, or ~e for state e of the extension
    phone: NDArray[np.uint8]  # (B,)
    word: NDArray[np.int32]  # (B,)
    cost: NDArray[np.float32]  # (B,)

    @property
    def size(self) -> int:
        """Places that it takes, of states and of arcs alike."""
        return max(len(self.offsets), len(self.dest))


def write_extension(graph: Graph, extension: Extension, hub: int, states: int, arcs: int) -> int:
    """Write an extension into the room of an ``interleaved`` graph; give the number of its door.

    Args:
        hub: the state it is to be entered from.
        states: the number that its first state gets; above the number of states of the shared graph.
        arcs: the number that its first arc gets; not below the number of arcs of the shared graph.
    """
    own = slice(states, states + len(extension.offsets))
    graph.offsets[own] = extension.offsets + arcs
    graph.final[own] = np.inf
    graph.rank[own] = graph.rank[hub] + 1
    there = slice(arcs, arcs + len(extension.dest))
    graph.dest[there] = np.where(extension.dest < 0, ~extension.dest + states, extension.dest)
    graph.phone[there], graph.word[there], graph.cost[there] = extension.phone, extension.word, extension.cost
    return states

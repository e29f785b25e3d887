"""The words a search has not decided between, as a graph of arrays: what posteriors and second passes work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

I32 = NDArray[np.int32]
F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WordLattice:
    """N nodes in topological order, node 0 the start, and A arcs; a path's score is the sum along it, nats.

    Every arc leads to a node of a higher number, and every node lies on a path from the start to an end.
    """

    frames: I32  # (N,) frame of each node
    source: I32  # (A,) node an arc leaves
    target: I32  # (A,) node it leads to
    word: I32  # (A,) number in the graph's lexicon, 0 = none
    acoustic: F32  # (A,) scaled log score of the sound
    grammar: F32  # (A,) log score of lexicon and language model
    final: F32  # (N,) log score of ending here, -inf where no path ends

    def __post_init__(self) -> None:
        if len(self.frames) != len(self.final) or not len(self.frames):
            raise ValueError(f"{len(self.frames)} nodes with {len(self.final)} final scores: one each, and node 0")
        if len({len(part) for part in (self.source, self.target, self.word, self.acoustic, self.grammar)}) != 1:
            raise ValueError("arcs need a source, a target, a word and two scores each")
        if (self.source >= self.target).any() or (self.source < 0).any() or (self.target >= len(self.frames)).any():
            raise ValueError("arcs must lead to nodes of higher numbers")

    @property
    def scores(self) -> F32:
        """(A,) log score of every arc."""
        return self.acoustic + self.grammar

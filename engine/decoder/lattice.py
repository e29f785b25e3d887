"""The words a search has not decided between, as a graph of arrays: what posteriors and second passes work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.lattice.cpu import arc_losses

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

    @property
    def ended(self) -> WordLattice:
        """The same paths, all leading to the last node, arcs in order of target: what ``kernels.lattice`` takes.

        Ends are joined by arcs without a word, unless only the last node is one and costs nothing.
        """
        nodes, ends = len(self.frames), np.flatnonzero(np.isfinite(self.final)).astype(np.int32)
        frames, final, lattice = self.frames, self.final, self
        if len(ends) != 1 or ends[0] != nodes - 1 or self.final[-1] != 0.0:
            none = np.zeros(len(ends), np.int32)
            frames = np.append(frames, frames[ends].max(initial=0)).astype(np.int32)
            final = np.append(np.full(nodes, -np.inf), 0.0).astype(np.float32)
            lattice = WordLattice(
                frames, np.append(self.source, ends), np.append(self.target, none + nodes),
                np.append(self.word, none), np.append(self.acoustic, none.astype(np.float32)),
                np.append(self.grammar, self.final[ends]), final,
            )  # fmt: skip
        return lattice._arcs(np.lexsort((lattice.source, lattice.target)))

    def pruned(self, beam: float) -> WordLattice:
        """Only what lies on a path that is worse than the best one by less than a beam.

        Args:
            beam: nats; the lattice must be ``ended``.
        """
        losses = arc_losses(self.source, self.target, self.scores.astype(np.float64), len(self.frames))
        kept = self._arcs(np.flatnonzero(losses < beam))
        used = np.zeros(len(self.frames), np.bool_)
        used[0] = used[-1] = used[kept.source] = used[kept.target] = True
        number = (np.cumsum(used) - 1).astype(np.int32)
        return WordLattice(
            self.frames[used], number[kept.source], number[kept.target], kept.word, kept.acoustic, kept.grammar,
            self.final[used],
        )  # fmt: skip

    def _arcs(self, chosen: NDArray[np.int64]) -> WordLattice:
        return WordLattice(
            self.frames, self.source[chosen], self.target[chosen], self.word[chosen], self.acoustic[chosen],
            self.grammar[chosen], self.final,
        )  # fmt: skip

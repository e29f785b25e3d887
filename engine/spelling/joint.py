"""The joint-sequence model as a trie of graphone n-grams with back-off, of any order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trie:
    """Histories and their continuations: nodes level by level, each level's by parent and symbol; node 0 is empty."""

    parent: Numbers  # (N,) the n-gram without its last symbol; the root is its own
    symbol: Numbers  # (N,) last symbol; the root has 0
    suffix: Numbers  # (N,) the n-gram without its first symbol
    levels: Numbers  # (order + 2,) first node of every level, the root's being level 0

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return len(self.levels) - 2

    def level(self, order: int) -> slice:
        """The nodes of the n-grams of a length."""
        return slice(int(self.levels[order]), int(self.levels[order + 1]))

    def first_child(self) -> Numbers:
        """(N + 1,) where the children of every node begin; those of node n end where those of n + 1 begin."""
        return np.searchsorted(self.parent[1:], np.arange(len(self.parent) + 1)).astype(np.int64) + 1

    def kept(self, keep: NDArray[np.bool_]) -> Trie:
        """The trie of some nodes, among them the parent and the suffix of each."""
        new = np.cumsum(keep) - 1
        levels = np.array([int(keep[:first].sum()) for first in self.levels], np.int64)
        levels = levels[: 1 + int((np.diff(levels) > 0).sum())]
        return Trie(new[self.parent[keep]], self.symbol[keep], new[self.suffix[keep]], levels)


@dataclass(frozen=True)
class JointModel:
    """A back-off model over graphone symbols."""

    trie: Trie
    log_prob: Floats  # (N,) natural log probability of a node's last symbol after the others
    backoff: Floats  # (N,) log weight with which unlisted continuations of a node back off


def grow(parent: Numbers, symbol: Numbers, levels: Numbers, symbols: int) -> Trie:
    """Complete a trie by its suffixes.

    Args:
        parent: (N,) as in ``Trie``, like the next two.
        symbols: how many symbols there are.
    """
    suffix = np.zeros(len(parent), np.int64)
    keys = parent * symbols + symbol
    for order in range(2, len(levels) - 1):
        here = slice(int(levels[order]), int(levels[order + 1]))
        wanted = suffix[parent[here]] * symbols + symbol[here]
        suffix[here] = np.searchsorted(keys[1:], wanted) + 1
    return Trie(parent, symbol, suffix, levels)

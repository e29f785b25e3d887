"""What a search has not decided between, taken out of its channel as a word lattice."""

from __future__ import annotations

import numpy as np

from engine.decoder.lattice import WordLattice
from kernels.token_passing import Graph
from kernels.token_passing.memory import FRAMES, Channel
from kernels.token_passing.words import ARCS, BOUNDARIES, PhoneTree, Spread, spread_words

NARROWEST = 0.5  # nats; below it the best path is all that fits


def word_lattice(
    graph: Graph, channel: Channel, tree: PhoneTree, spread: Spread, beam: float, *, ending: bool
) -> WordLattice | None:
    """The words of all paths within a beam of the best one; None when even few do not fit into the memory.

    Where the memory is full the beam tightens.

    Args:
        ending: paths must end a sentence.
    """
    while not spread_words(graph, channel, tree, spread, beam, ending):
        beam /= 2
        if beam < NARROWEST:
            return None
    count, arcs = int(spread.used[BOUNDARIES]), int(spread.used[ARCS])
    order = np.append(np.argsort(spread.boundaries["place"][: count - 1]), count - 1)
    number = np.zeros(count, np.int32)
    number[order] = np.arange(count, dtype=np.int32)
    frames = np.append(spread.boundaries["frame"][order[:-1]], channel.counters[FRAMES]).astype(np.int32)
    final = np.full(count, -np.inf, np.float32)
    final[-1] = 0.0
    found = spread.arcs[:arcs]
    whole = WordLattice(
        frames, number[found["source"]], number[found["target"]], found["word"].copy(),
        found["score"] + found["paid"], -found["paid"], final,
    )  # fmt: skip
    return whole.ended.pruned(beam)

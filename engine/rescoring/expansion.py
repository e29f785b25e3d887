"""A lattice taken apart by what a language model remembers: one node for each (node, last words) that survives.

Source: Sak, Saraclar and Gungor, "On-the-fly Lattice Rescoring" (Interspeech 2010): best hypotheses of a node only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.ngram.compact import TrieArrays
from engine.ngram.query import known_words, word_score
from kernels.compiled import compiled, inner

I32 = NDArray[np.int32]
F32 = NDArray[np.float32]


class ArcArrays(NamedTuple):
    """The arcs of a lattice, sorted by source."""

    begins: I32  # (N + 1,) arcs of node n: begins[n] to begins[n + 1]
    target: I32  # (A,)
    word: I32  # (A,) number in the vocabulary of the models, -1 = none
    score: F32  # (A,) log score of the first pass


class Expansion(NamedTuple):
    """What became of a lattice: K states and B arcs between them, sorted by the node they leave."""

    node: I32  # (K,) node of the lattice a state belongs to, -1 = dropped for better ones; state 0 is the start
    history: I32  # (K, H) last words, the newest last
    used: I32  # (K,) how many of them are known to the state
    source: I32  # (B,)
    target: I32  # (B,)
    arc: I32  # (B,) arc of the lattice it came from
    new: F32  # (B,) log probability of its word by the second model; 0 for an arc without a word
    old: F32  # (B,) by the first


@compiled
def expand(
    arcs: ArcArrays, first: TrieArrays, second: TrieArrays, history: I32, used: int, most: int, keep: int
) -> Expansion:
    """Follow every path with the words it has said, best states of a node first.

    Args:
        first: the model whose scores are in the lattice.
        second: the model to ask.
        history: (H,) the words before the lattice, the newest last.
        used: how many of them there are.
        most: states a node may have; the worse are dropped.
        keep: words a state remembers at least (where there are so many); longer ones as the models know them.
    """
    nodes, width = len(arcs.begins) - 1, len(history)
    slots = np.full((nodes, most), -1, np.int32)
    filled = np.zeros(nodes, np.int32)
    room = 1 + len(arcs.target) * most
    node, target_of = np.empty(room, np.int32), np.empty(room, np.int32)
    words, remembered = np.zeros((room, width), np.int32), np.zeros(room, np.int32)
    best = np.full(room, -np.inf, np.float32)
    source, arc_of = np.empty(room, np.int32), np.empty(room, np.int32)
    new, old = np.zeros(room, np.float32), np.zeros(room, np.float32)
    after = np.empty(width, np.int32)
    node[0], best[0], words[0], remembered[0] = 0, 0.0, history, used
    slots[0, 0], filled[0] = 0, 1
    states, count = 1, 0
    for here in range(nodes):
        for slot in range(filled[here]):
            state = slots[here, slot]
            for arc in range(arcs.begins[here], arcs.begins[here + 1]):
                word, gain, loss = arcs.word[arc], 0.0, 0.0
                after[:] = words[state]
                known = remembered[state]
                if word >= 0:
                    gain = word_score(second, words[state], min(known, second.longest - 1), word)
                    loss = word_score(first, words[state], min(known, first.longest - 1), word)
                    after[: width - 1] = words[state, 1:]
                    after[width - 1] = word
                    known = min(known + 1, width)
                    needed = max(known_words(first, after, known), known_words(second, after, known))
                    known = min(known, max(needed, keep))
                    after[: width - known] = 0
                score = best[state] + arcs.score[arc] + np.float32(gain - loss)
                there = arcs.target[arc]
                reached = _place(slots[there], filled[there], words, remembered, best, after, known, score)
                if reached == -2:
                    continue
                if reached == -1:
                    reached, states = states, states + 1
                    node[reached], words[reached], remembered[reached] = there, after, known
                    _admit(slots, filled, best, there, reached, score)
                best[reached] = max(best[reached], score)
                source[count], target_of[count], arc_of[count] = state, reached, arc
                new[count], old[count] = gain, loss
                count += 1
    alive = np.zeros(states, np.bool_)
    for here in range(nodes):
        for slot in range(filled[here]):
            alive[slots[here, slot]] = True
    node[:states][~alive] = -1
    return Expansion(
        node[:states], words[:states], remembered[:states], source[:count], target_of[:count], arc_of[:count],
        new[:count], old[:count],
    )  # fmt: skip


@inner
def _place(
    slots: I32, filled: int, words: I32, remembered: I32, best: F32, after: I32, known: int, score: float
) -> int:
    """The state of a node with this history; -1 if one should be made, -2 if the score is too bad for that."""
    worst = np.inf
    for slot in range(filled):
        state = slots[slot]
        worst = min(worst, best[state])
        if remembered[state] == known and (words[state] == after).all():
            return int(state)
    return -1 if filled < len(slots) or score > worst else -2


@inner
def _admit(slots: I32, filled: I32, best: F32, node: int, state: int, score: float) -> None:
    """Give a state a slot of its node: a free one, or that of the worst."""
    if filled[node] < slots.shape[1]:
        slots[node, filled[node]] = state
        filled[node] += 1
    else:
        worst = 0
        for slot in range(1, filled[node]):
            if best[slots[node, slot]] < best[slots[node, worst]]:
                worst = slot
        slots[node, worst] = state
    best[state] = score

"""Phrases as a tree of phones beside the shared graph: entered at the hub, left where each phrase leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from kernels.token_passing.extension import Extension

Label = tuple[int, int]  # phone, and the word that is said with it or 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say an entry."""

    labels: tuple[Label, ...]  # a word is said with its last phone
    dest: int  # state of the shared graph after it
    cost: float  # nats, from the hub


@dataclass(slots=True)
class _Node:
    """A place in the tree; its cost is that of the cheapest phrase through it."""

    cost: float = np.inf
    children: dict[Label, _Node] = field(default_factory=dict)
    ends: dict[tuple[Label, int], float] = field(default_factory=dict)  # cost by last label and destination
    number: int = 0


def phrase_graph(phrases: Iterable[Phrase]) -> Extension:
    """A door, a root, and a tree; an arc costs what its cheapest phrase is dearer than the cheapest before it.

    So a path pays as early as it can, and hopeless phrases leave the search at their first phones.
    """
    root = _Node()
    for phrase in phrases:
        node = root
        node.cost = min(node.cost, phrase.cost)
        for label in phrase.labels[:-1]:
            child = node.children.get(label)
            if child is None:
                child = node.children[label] = _Node()
            node = child
            node.cost = min(node.cost, phrase.cost)
        end = phrase.labels[-1], phrase.dest
        node.ends[end] = min(phrase.cost, node.ends.get(end, np.inf))
    return _laid_out(root)


def _laid_out(root: _Node) -> Extension:
    nodes = [root]
    root.number = 1  # the door is state 0
    rows: list[tuple[int, int, int, float]] = [(~1, 0, 0, root.cost)]
    offsets = [0, 1]
    for node in nodes:  # grows while it is walked
        for (phone, word), child in node.children.items():
            nodes.append(child)
            child.number = len(nodes)
            rows.append((~child.number, phone, word, child.cost - node.cost))
        for ((phone, word), dest), cost in node.ends.items():
            rows.append((dest, phone, word, cost - node.cost))
        offsets.append(len(rows))
    dests, phones, words, costs = zip(*rows, strict=True)
    return Extension(
        np.array(offsets, np.int32), np.array(dests, np.int32), np.array(phones, np.uint8), np.array(words, np.int32),
        np.array(costs, np.float32),
    )  # fmt: skip

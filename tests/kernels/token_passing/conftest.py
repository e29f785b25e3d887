"""Random small graphs, random scores, and a search over them."""

from types import SimpleNamespace

import numpy as np
import pytest

from kernels.token_passing import Graph, interleaved
from kernels.token_passing.cpu import advance, start
from kernels.token_passing.extension import Extension
from kernels.token_passing.memory import new_channel, new_lane
from kernels.token_passing.records import trace

PHONES = 4
WIDE = 1e4  # a beam that drops nothing


def random_graph(rng: np.random.Generator, states: int) -> Graph:
    """Random arcs; epsilon arcs only lead to higher states, so none is in a cycle."""
    rows = []
    for state in range(states):
        arcs = [(state, int(rng.integers(states)), int(rng.integers(1, PHONES + 1))) for _ in range(rng.integers(1, 5))]
        if state + 1 < states and rng.random() < 0.5:
            arcs.append((state, int(rng.integers(state + 1, states)), 0))
        rows += sorted(arcs, key=lambda arc: arc[2])
    source, dest, phone = (np.array(column) for column in zip(*rows, strict=True))
    words = np.where(rng.random(len(rows)) < 0.4, rng.integers(1, 9, len(rows)), 0)
    final = np.where(rng.random(states) < 0.5, rng.random(states) * 3, np.inf)
    final[-1] = 0.5
    return interleaved(
        Graph(
            np.concatenate([[0], np.cumsum(np.bincount(source, minlength=states))]).astype(np.int32),
            dest.astype(np.int32),
            phone.astype(np.uint8),
            words.astype(np.int32),
            (rng.random(len(rows)) * 4 - 0.5).astype(np.float32),
            final.astype(np.float32),
        )
    )


def random_scores(rng: np.random.Generator, frames: int) -> np.ndarray:
    raw = rng.normal(size=(frames, PHONES + 1)) * 3
    return (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)


def random_extension(rng: np.random.Generator, states: int) -> Extension:
    """A door, a root, and states whose arcs lead to the graph or to one another."""
    size = int(rng.integers(2, 5))
    rows = [[(~1, 0, 0, float(rng.random()))]]
    for _ in range(1, size):
        rows.append([])
        for _ in range(rng.integers(1, 4)):
            dest = int(rng.integers(states)) if rng.random() < 0.6 else ~int(rng.integers(1, size))
            rows[-1].append((dest, int(rng.integers(1, 5)), int(rng.integers(10, 20)), float(rng.random())))
    dest, phone, word, cost = (np.array(column) for column in zip(*(arc for row in rows for arc in row), strict=True))
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return Extension(
        offsets.astype(np.int32), dest.astype(np.int32), phone.astype(np.uint8), word.astype(np.int32),
        cost.astype(np.float32),
    )  # fmt: skip


class Search:
    def __init__(self, graph, tokens=128, records=2048, sides=0):
        self.graph = graph
        self.channel = new_channel(tokens, records, sides)
        self.lane = new_lane(512, tokens, records)
        start(graph, self.channel, self.lane, WIDE)

    def advance(self, scores, beam=WIDE, active=64, lattice_beam=0.0):
        advance(self.graph, self.channel, self.lane, scores, scores, beam, active, lattice_beam)

    def path(self, token):
        records = self.channel.records
        out = np.zeros(len(records), np.int32)
        steps = records[out[: trace(self.channel, self.channel.tokens[token]["record"], out)]]
        phones = [(int(step["phone"]), int(step["frame"])) for step in steps if step["phone"]]
        return tuple(phones), tuple(int(step["word"]) for step in steps if step["word"])


@pytest.fixture(scope="session")
def small() -> SimpleNamespace:
    made = {"graph": random_graph, "scores": random_scores, "extension": random_extension, "search": Search}
    return SimpleNamespace(**made, wide=WIDE)

"""A stream with an extension searches as if its words stood in the graph; the others do not see them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.token_passing import PHONE_BITS, Graph, interleaved
from kernels.token_passing.cpu import start
from kernels.token_passing.extension import Extension, write_extension
from kernels.token_passing.memory import OVERFLOWS, TOKENS
from kernels.token_passing.reference import best_positions

seeds = st.integers(0, 2**32 - 1)


def joined(graph: Graph, extension: Extension, hub: int) -> Graph:
    """The extension as part of the graph: its states behind those of the graph and one unused, door arcs at the hub."""
    first = len(graph.final) + 1
    rows = [[] for _ in range(first + len(extension.offsets) - 1)]
    for states, at, part in ((len(graph.final), 0, graph), (len(extension.offsets) - 1, first, extension)):
        for state in range(states):
            for arc in range(part.offsets[state], part.offsets[state + 1]):
                dest = int(part.dest[arc])
                dest = first + ~dest if dest < 0 else dest
                rows[at + state].append((int(part.phone[arc]), dest, int(part.word[arc]), float(part.cost[arc])))
    rows[hub] += rows[first]
    rows[first] = []
    flat = [arc for row in rows for arc in sorted(row)]
    phone, dest, word, cost = (np.array(column) for column in zip(*flat, strict=True))
    return Graph(
        np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32), dest.astype(np.int32),
        phone.astype(np.uint8), word.astype(np.int32), cost.astype(np.float32),
        np.concatenate([graph.final, np.full(len(rows) - len(graph.final), np.inf)]).astype(np.float32),
    )  # fmt: skip


def scores_by_position(search) -> dict[tuple[int, int], float]:
    tokens = search.channel.tokens[: int(search.channel.counters[TOKENS])]
    offset = float(search.channel.offset[0])
    return {
        (int(p) >> PHONE_BITS, int(p) & 63): float(s) + offset for p, s in tokens[["position", "score"]]
    }  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(2, 6), st.integers(1, 8))
def test_every_position_has_the_score_of_the_joined_graph(small, seed, states, frames):
    rng = np.random.default_rng(seed)
    plain, hub = small.graph(rng, states), int(rng.integers(states))
    extension, scores = small.extension(rng, states), small.scores(rng, frames)
    shared = interleaved(plain, room=32)
    door = write_extension(shared, extension, hub, states + 1, len(plain.dest))
    search = small.search(shared)
    start(shared, search.channel, search.lane, small.wide, hub, door)
    search.advance(scores)
    truth = best_positions(joined(plain, extension, hub), scores)
    found = scores_by_position(search)
    assert found.keys() == truth.keys()
    # float32 sums of at most 8 frames of magnitude below 64: error below 16 roundings of 64 * 2**-24
    assert all(abs(found[p] - truth[p].score) <= 16 * 64 * 2**-24 for p in truth)
    assert search.channel.counters[OVERFLOWS] == 0


@settings(deadline=None, max_examples=20)
@given(seeds, st.integers(2, 6))
def test_a_stream_without_the_door_is_not_changed_by_a_bit(small, seed, states):
    rng = np.random.default_rng(seed)
    plain, hub = small.graph(rng, states), int(rng.integers(states))
    extension, scores = small.extension(rng, states), small.scores(rng, 12)
    shared = interleaved(plain, room=32)
    write_extension(shared, extension, hub, states + 1, len(plain.dest))
    alone, beside = small.search(plain), small.search(shared)
    alone.advance(scores, 6.0, 10)
    beside.advance(scores, 6.0, 10)
    assert alone.channel.counters.tolist() == beside.channel.counters.tolist()
    count = alone.channel.counters[TOKENS]
    assert alone.channel.tokens[:count].tobytes() == beside.channel.tokens[:count].tobytes()

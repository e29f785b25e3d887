"""The compiled search against the plain one, on random small graphs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.runtime import _nrt_python, rtsys

from kernels.token_passing import PHONE_BITS, Graph, interleaved
from kernels.token_passing.cpu import advance, best_token, start
from kernels.token_passing.memory import FRAMES, OVERFLOWS, RECORDS, TOKENS, new_channel, new_lane
from kernels.token_passing.records import compact, keep_descendants, set_root, shared_record, trace
from kernels.token_passing.reference import best_path, best_positions

PHONES = 4
WIDE = 1e4


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


class Search:
    def __init__(self, graph, tokens=128, records=2048):
        self.graph = graph
        self.channel = new_channel(tokens, records)
        self.lane = new_lane(512, tokens, records)
        start(graph, self.channel, self.lane, WIDE)

    def advance(self, scores, beam=WIDE, active=64):
        advance(self.graph, self.channel, self.lane, scores, scores, beam, active)

    def path(self, token):
        out = np.zeros(len(self.channel.prev), np.int32)
        steps = out[: trace(self.channel, self.channel.record[token], out)]
        phones = [(int(self.channel.phone[r]), int(self.channel.frame[r])) for r in steps if self.channel.phone[r]]
        return tuple(phones), tuple(int(self.channel.word[r]) for r in steps if self.channel.word[r])


seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(2, 7), st.integers(1, 9))
def test_without_a_beam_every_position_has_the_reference_score(seed, states, frames):
    rng = np.random.default_rng(seed)
    graph, scores = random_graph(rng, states), random_scores(rng, frames)
    search = Search(graph)
    search.advance(scores)
    truth = best_positions(graph, scores)
    count = int(search.channel.counters[TOKENS])
    found = {
        (int(p) >> PHONE_BITS, int(p) & 63): float(s) + float(search.channel.offset[0])
        for p, s in zip(search.channel.position[:count], search.channel.score[:count], strict=True)
    }
    assert found.keys() == truth.keys()
    # float32 sums of at most 9 frames of magnitude below 64: error below 18 roundings of 64 * 2**-24
    assert all(abs(found[p] - truth[p].score) <= 18 * 64 * 2**-24 for p in truth)
    assert search.channel.counters[OVERFLOWS] == 0


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(2, 7), st.integers(1, 9))
def test_without_a_beam_the_best_ending_path_is_the_reference_path(seed, states, frames):
    rng = np.random.default_rng(seed)
    graph, scores = random_graph(rng, states), random_scores(rng, frames)
    search = Search(graph)
    search.advance(scores)
    truth = best_path(graph, scores)
    token = best_token(graph, search.channel, True)
    assert (token < 0) == (truth is None)
    if truth is not None:
        phones, words = search.path(token)
        assert phones == truth.phones
        assert words == truth.words


@settings(deadline=None, max_examples=30)
@given(seeds, st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_cutting_the_frames_anywhere_changes_no_bit(seed, cuts):
    rng = np.random.default_rng(seed)
    graph, scores = random_graph(rng, 6), random_scores(rng, sum(cuts))
    whole, parts = Search(graph), Search(graph)
    whole.advance(scores, 6.0, 10)
    at = 0
    for cut in cuts:
        parts.advance(scores[at : at + cut], 6.0, 10)
        at += cut
    for one, other in zip(whole.channel, parts.channel, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_compacting_changes_no_path(seed):
    rng = np.random.default_rng(seed)
    search = Search(random_graph(rng, 6))
    search.advance(random_scores(rng, 12))
    before = [search.path(token) for token in range(search.channel.counters[TOKENS])]
    used = int(search.channel.counters[RECORDS])
    compact(search.channel, search.lane)
    assert [search.path(token) for token in range(search.channel.counters[TOKENS])] == before
    assert search.channel.counters[RECORDS] <= used


def test_a_long_stream_runs_in_a_small_pool():
    rng = np.random.default_rng(5)
    graph = random_graph(rng, 7)
    search, wide = Search(graph, 64, 512), Search(graph, 64, 60_000)
    said = []
    for _ in range(60):
        scores = random_scores(rng, 50)
        search.advance(scores, 8.0, 32)
        wide.advance(scores, 8.0, 32)
        shared = shared_record(search.channel, search.lane)
        out = np.zeros(512, np.int32)
        said += [
            int(search.channel.word[r]) for r in out[: trace(search.channel, shared, out)] if search.channel.word[r]
        ]
        set_root(search.channel, shared)
    assert search.channel.counters[FRAMES] == 3000
    assert len(said) > 500
    assert tuple(said) == wide.path(best_token(graph, wide.channel, False))[1][: len(said)]


def test_keep_descendants_leaves_only_paths_through_the_record():
    rng = np.random.default_rng(3)
    graph = random_graph(rng, 6)
    search = Search(graph)
    search.advance(random_scores(rng, 10))
    best = search.path(best_token(graph, search.channel, False))
    out = np.zeros(2048, np.int32)
    token = best_token(graph, search.channel, False)
    steps = out[: trace(search.channel, search.channel.record[token], out)].copy()
    middle = len(steps) // 2
    kept = keep_descendants(search.channel, search.lane, int(steps[middle]))
    assert kept >= 1
    assert search.path(best_token(graph, search.channel, False)) == best
    for other in range(kept):
        length = trace(search.channel, search.channel.record[other], out)
        assert int(steps[middle]) in out[:length].tolist()


def test_full_capacities_tighten_the_beam_and_go_on():
    rng = np.random.default_rng(11)
    graph = random_graph(rng, 40)
    search = Search(graph, tokens=16, records=64)
    for _ in range(20):
        search.advance(random_scores(rng, 10), WIDE, 8)
    assert search.channel.counters[FRAMES] == 200
    assert search.channel.counters[OVERFLOWS] > 0
    assert best_token(graph, search.channel, False) >= 0


@settings(deadline=None, max_examples=10)
@given(seeds)
def test_what_was_in_memory_before_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    graph, scores = random_graph(rng, 6), random_scores(rng, 9)
    clean, dirty = Search(graph), Search(graph)
    for part in (*dirty.channel, dirty.lane.position, dirty.lane.score, dirty.lane.peak, dirty.lane.moved):
        part.fill(np.nan if part.dtype.kind == "f" else 77)
    start(graph, dirty.channel, dirty.lane, WIDE)
    for search in (clean, dirty):
        search.advance(scores)
    count = clean.channel.counters[TOKENS]
    np.testing.assert_array_equal(clean.channel.counters, dirty.channel.counters)
    for name in ("position", "score", "record", "last", "peak"):
        np.testing.assert_array_equal(getattr(clean.channel, name)[:count], getattr(dirty.channel, name)[:count])


def test_frames_allocate_nothing():
    """Passing arrays into compiled code costs the same small allocations a call, however many frames it is for."""
    _nrt_python.memsys_enable_stats()
    rng = np.random.default_rng(2)
    search = Search(random_graph(rng, 30))
    spent = []
    for frames in (1, 1, 400):
        scores = random_scores(rng, frames)
        before = rtsys.get_allocation_stats()
        search.advance(scores, 9.0, 60)
        after = rtsys.get_allocation_stats()
        spent.append((after.alloc - before.alloc, after.mi_alloc - before.mi_alloc))
    assert spent[1] == spent[2]

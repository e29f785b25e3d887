"""Records: traced, shared, dropped and compacted."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.token_passing.cpu import best_token
from kernels.token_passing.memory import FRAMES, RECORDS, TOKENS
from kernels.token_passing.records import compact, keep_descendants, set_root, shared_record, trace

seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_compacting_changes_no_path(small, seed):
    rng = np.random.default_rng(seed)
    search = small.search(small.graph(rng, 6))
    search.advance(small.scores(rng, 12))
    before = [search.path(token) for token in range(search.channel.counters[TOKENS])]
    used = int(search.channel.counters[RECORDS])
    compact(search.channel, search.lane, 0.0)
    assert [search.path(token) for token in range(search.channel.counters[TOKENS])] == before
    assert search.channel.counters[RECORDS] <= used


def test_a_long_stream_runs_in_a_small_pool(small):
    rng = np.random.default_rng(5)
    graph = small.graph(rng, 7)
    search, wide = small.search(graph, 64, 512), small.search(graph, 64, 60_000)
    said = []
    for _ in range(60):
        scores = small.scores(rng, 50)
        search.advance(scores, 8.0, 32)
        wide.advance(scores, 8.0, 32)
        shared = shared_record(search.channel, search.lane)
        out = np.zeros(512, np.int32)
        said += [
            int(word) for word in search.channel.records[out[: trace(search.channel, shared, out)]]["word"] if word
        ]
        set_root(search.channel, search.lane, shared)
    assert search.channel.counters[FRAMES] == 3000
    assert len(said) > 500
    assert tuple(said) == wide.path(best_token(graph, wide.channel, False))[1][: len(said)]


def test_keep_descendants_leaves_only_paths_through_the_record(small):
    rng = np.random.default_rng(3)
    graph = small.graph(rng, 6)
    search = small.search(graph)
    search.advance(small.scores(rng, 10))
    best = search.path(best_token(graph, search.channel, False))
    out = np.zeros(2048, np.int32)
    token = best_token(graph, search.channel, False)
    steps = out[: trace(search.channel, search.channel.tokens[token]["record"], out)].copy()
    middle = len(steps) // 2
    kept = keep_descendants(search.channel, search.lane, int(steps[middle]))
    assert kept >= 1
    assert search.path(best_token(graph, search.channel, False)) == best
    for other in range(kept):
        length = trace(search.channel, search.channel.tokens[other]["record"], out)
        assert int(steps[middle]) in out[:length].tolist()

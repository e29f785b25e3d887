"""The compiled search against the plain one, on random small graphs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.runtime import _nrt_python, rtsys

from kernels.token_passing import PHONE_BITS
from kernels.token_passing.cpu import best_token, start
from kernels.token_passing.memory import FRAMES, OVERFLOWS, TOKENS
from kernels.token_passing.reference import best_path, best_positions

seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(2, 7), st.integers(1, 9))
def test_without_a_beam_every_position_has_the_reference_score(small, seed, states, frames):
    rng = np.random.default_rng(seed)
    graph, scores = small.graph(rng, states), small.scores(rng, frames)
    search = small.search(graph)
    search.advance(scores)
    truth = best_positions(graph, scores)
    count = int(search.channel.counters[TOKENS])
    found = {
        (int(p) >> PHONE_BITS, int(p) & 63): float(s) + float(search.channel.offset[0])
        for p, s in search.channel.tokens[["position", "score"]][:count]
    }
    assert found.keys() == truth.keys()
    # float32 sums of at most 9 frames of magnitude below 64: error below 18 roundings of 64 * 2**-24
    assert all(abs(found[p] - truth[p].score) <= 18 * 64 * 2**-24 for p in truth)
    assert search.channel.counters[OVERFLOWS] == 0


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(2, 7), st.integers(1, 9))
def test_without_a_beam_the_best_ending_path_is_the_reference_path(small, seed, states, frames):
    rng = np.random.default_rng(seed)
    graph, scores = small.graph(rng, states), small.scores(rng, frames)
    search = small.search(graph)
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
def test_cutting_the_frames_anywhere_changes_no_bit(small, seed, cuts):
    rng = np.random.default_rng(seed)
    graph, scores = small.graph(rng, 6), small.scores(rng, sum(cuts))
    whole, parts = small.search(graph), small.search(graph)
    whole.advance(scores, 6.0, 10)
    at = 0
    for cut in cuts:
        parts.advance(scores[at : at + cut], 6.0, 10)
        at += cut
    for one, other in zip(whole.channel, parts.channel, strict=True):
        np.testing.assert_array_equal(one, other)


def test_full_capacities_tighten_the_beam_and_go_on(small):
    rng = np.random.default_rng(11)
    graph = small.graph(rng, 40)
    search = small.search(graph, tokens=16, records=64)
    for _ in range(20):
        search.advance(small.scores(rng, 10), small.wide, 8)
    assert search.channel.counters[FRAMES] == 200
    assert search.channel.counters[OVERFLOWS] > 0
    assert best_token(graph, search.channel, False) >= 0


@settings(deadline=None, max_examples=10)
@given(seeds)
def test_what_was_in_memory_before_does_not_matter(small, seed):
    rng = np.random.default_rng(seed)
    graph, scores = small.graph(rng, 6), small.scores(rng, 9)
    clean, dirty = small.search(graph), small.search(graph)
    for part in (*dirty.channel, dirty.lane.entries, dirty.lane.following, dirty.lane.moved):
        for field in part.dtype.names or [...]:
            part[field] = np.nan if part[field].dtype.kind == "f" else 77
    start(graph, dirty.channel, dirty.lane, small.wide)
    for search in (clean, dirty):
        search.advance(scores)
    count = clean.channel.counters[TOKENS]
    np.testing.assert_array_equal(clean.channel.counters, dirty.channel.counters)
    np.testing.assert_array_equal(clean.channel.tokens[:count], dirty.channel.tokens[:count])


def test_frames_allocate_nothing(small):
    """Passing arrays into compiled code costs the same small allocations a call, however many frames it is for."""
    _nrt_python.memsys_enable_stats()
    rng = np.random.default_rng(2)
    search = small.search(small.graph(rng, 30))
    spent = []
    for frames in (1, 1, 400):
        scores = small.scores(rng, frames)
        before = rtsys.get_allocation_stats()
        search.advance(scores, 9.0, 60)
        after = rtsys.get_allocation_stats()
        spent.append((after.alloc - before.alloc, after.mi_alloc - before.mi_alloc))
    assert spent[1] == spent[2]

"""Records and side links against every path of small graphs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.token_passing.memory import OVERFLOWS, RECORDS, ROOT, SIDES, TOKENS
from kernels.token_passing.records import compact, keep_descendants, set_root, trace
from kernels.token_passing.reference import every_path

seeds = st.integers(0, 2**32 - 1)
TOLERANCE = 30 * 64 * 2**-24  # float32 sums of at most 30 numbers of magnitude below 64


def lattice_paths(search) -> dict:
    """For every token the paths to it: (phones with frames, words) and how much worse than the best each is."""
    channel = search.channel
    before = {-1: {((), ()): 0.0}, int(channel.counters[ROOT]): {((), ()): 0.0}}
    begun = 0
    for number, record in enumerate(channel.records[: channel.counters[RECORDS]]):
        end = int(record["sides"])
        if number not in before:
            links = [(int(record["prev"]), int(record["phone"]), int(record["word"]), 0.0)]
            links += [tuple(side) for side in channel.sides[["source", "phone", "word", "loss"]][begun:end].tolist()]
            before[number] = found = {}
            for source, phone, word, loss in links:
                taken = ((phone, int(record["frame"])),) if phone else ()
                for (phones, words), worse in before[source].items() if np.isfinite(loss) else ():
                    path = (*phones, *taken), (*words, word) if word else words
                    found[path] = min(worse + loss, found.get(path, np.inf))
        begun = end
    tokens = channel.tokens[: channel.counters[TOKENS]].tolist()
    return {(position >> 6, position & 63): before[record] for position, _, record, *_ in tokens}


def as_losses(truth: dict, beam: float) -> dict:
    losses = {}
    for position, known in truth.items():
        best = max(known.values())
        losses[position] = {(p.phones, p.words): best - s for p, s in known.items() if best - s < beam}
    return losses


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(2, 5), st.integers(1, 5))
def test_without_a_beam_every_path_is_kept_with_its_score(small, seed, states, frames):
    rng = np.random.default_rng(seed)
    graph, scores = small.graph(rng, states), small.scores(rng, frames)
    search = small.search(graph, sides=8192)
    search.advance(scores, lattice_beam=small.wide)
    truth = as_losses(every_path(graph, scores), small.wide)
    found = lattice_paths(search)
    assert search.channel.counters[OVERFLOWS] == 0
    assert found.keys() == truth.keys()
    for position, paths in truth.items():
        assert found[position].keys() == paths.keys()
        assert all(found[position][path] == pytest.approx(loss, abs=TOLERANCE) for path, loss in paths.items())


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(2, 6), st.floats(0.5, 6.0), st.lists(st.integers(0, 3), max_size=3))
def test_pruning_on_the_fly_loses_no_path_within_the_beam(small, seed, states, beam, cuts):
    rng = np.random.default_rng(seed)
    graph, scores = small.graph(rng, states), small.scores(rng, 6)
    search, at = small.search(graph, sides=8192), 0
    for cut in [*cuts, 6]:
        search.advance(scores[at : at + cut], lattice_beam=beam)
        compact(search.channel, search.lane, beam)
        at += cut
    found = lattice_paths(search)
    for position, paths in as_losses(every_path(graph, scores), beam - TOLERANCE).items():
        assert all(found[position][path] == pytest.approx(loss, abs=TOLERANCE) for path, loss in paths.items())


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(2, 6))
def test_a_new_root_keeps_the_paths_through_it_and_how_they_differ(small, seed, states):
    rng = np.random.default_rng(seed)
    search = small.search(small.graph(rng, states), sides=8192)
    search.advance(small.scores(rng, 6), lattice_beam=4.0)
    channel = search.channel
    token = int(channel.tokens["score"][: channel.counters[TOKENS]].argmax())
    out = np.zeros(2048, np.int32)
    steps = out[: trace(channel, channel.tokens[token]["record"], out)].tolist()
    if not steps:
        return
    middle = steps[len(steps) // 2]
    keep_descendants(channel, search.lane, middle)
    set_root(channel, search.lane, middle)
    rooted = lattice_paths(search)
    assert all(min(paths.values()) == 0.0 for paths in rooted.values())
    compact(channel, search.lane, small.wide)
    assert lattice_paths(search) == rooted


def test_full_side_links_narrow_the_lattice_and_the_best_path_stays(small):
    rng = np.random.default_rng(4)
    graph = small.graph(rng, 30)
    narrow, plain = small.search(graph, sides=64), small.search(graph)
    for _ in range(20):
        scores = small.scores(rng, 10)
        narrow.advance(scores, 6.0, 32, lattice_beam=5.0)
        plain.advance(scores, 6.0, 32)
    count = plain.channel.counters[TOKENS]
    assert narrow.channel.counters[OVERFLOWS] > 0
    assert narrow.channel.counters[SIDES] <= 64
    for name in ("position", "score"):
        np.testing.assert_array_equal(narrow.channel.tokens[name][:count], plain.channel.tokens[name][:count])

"""The search of many streams against the reference and, bit for bit, against the search of one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.token_passing import interleaved
from kernels.token_passing.batch import (
    NOTHING,
    begin,
    check_graph,
    check_step,
    new_channels,
    new_lanes,
    new_paths,
)
from kernels.token_passing.cpu import start
from kernels.token_passing.extension import write_extension
from kernels.token_passing.memory import FRAMES, OVERFLOWS, RECORDS, TOKENS
from kernels.token_passing.reference import best_path, best_positions
from kernels.token_passing.together import advance, best_paths

seeds = st.integers(0, 2**32 - 1)
CAPACITY, RECORD_COUNT, CANDIDATES = 128, 2048, 512


class Together:
    """Three channels that are not in order, and one lane."""

    def __init__(self, graph, streams=(2, 0, 3), tokens=CAPACITY, records=RECORD_COUNT, candidates=CANDIDATES):
        self.graph, self.streams = graph, np.array(streams, np.int32)
        self.channels = new_channels(max(streams) + 1, tokens, records)
        self.lanes = new_lanes(1, candidates, tokens, records)
        for stream in streams:
            begin(self.channels, stream)

    def advance(self, scores, beam=1e4, active=64):
        advance(self.graph, self.channels, self.lanes, self.streams, scores, scores, beam, active)

    def scores_of(self, stream) -> dict[int, float]:
        count = self.channels.counters[stream, TOKENS]
        positions, scores = self.channels.position[stream, :count], self.channels.score[stream, :count]
        return dict(zip(positions.tolist(), scores.tolist(), strict=True))

    def paths(self, ending, steps=64):
        found = new_paths(len(self.streams), steps)
        best_paths(self.graph, self.channels, self.lanes, self.streams, ending, found)
        return found


def alone(small, graph, scores, beam, active):
    search = small.search(graph, CAPACITY, RECORD_COUNT)
    start(graph, search.channel, search.lane, beam)
    search.advance(scores, beam, active)
    return search


def scores_alone(search) -> dict[int, float]:
    tokens = search.channel.tokens[: search.channel.counters[TOKENS]]
    return dict(zip(tokens["position"].tolist(), tokens["score"].tolist(), strict=True))


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(2, 40), st.integers(1, 12), st.sampled_from([(1e4, 64), (6.0, 10), (2.0, 60)]))
def test_every_stream_has_the_tokens_of_the_search_alone_bit_for_bit(small, seed, states, frames, width):
    rng = np.random.default_rng(seed)
    graph = small.graph(rng, states)
    scores = np.stack([small.scores(rng, frames) for _ in range(3)])
    search = Together(graph)
    search.advance(scores, *width)
    for place, stream in enumerate(search.streams):
        one = alone(small, graph, scores[place], *width)
        assert search.scores_of(stream) == scores_alone(one)
        assert search.channels.offset[stream, 0] == one.channel.offset[0]
        assert search.channels.counters[stream, FRAMES] == frames
    assert (search.lanes.keys == -1).all()
    assert (search.lanes.best == NOTHING).all()
    assert not search.lanes.queued.any()


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(2, 7), st.integers(1, 9), st.booleans())
def test_without_a_beam_the_best_path_is_the_reference_path(small, seed, states, frames, ending):
    rng = np.random.default_rng(seed)
    graph = small.graph(rng, states)
    scores = np.stack([small.scores(rng, frames) for _ in range(3)])
    search = Together(graph)
    search.advance(scores)
    found = search.paths(ending)
    for place in range(3):
        truth = best_path(graph, scores[place]) if ending else None
        if truth is None:
            truth = max(best_positions(graph, scores[place]).values(), key=lambda path: path.score)
        count = found.length[place]
        steps = zip(found.phone[place, :count].tolist(), found.frame[place, :count].tolist(), strict=True)
        assert tuple(step for step in steps if step[0]) == truth.phones
        assert tuple(word for word in found.word[place, :count].tolist() if word) == truth.words
        # float32 sums of at most 9 frames of magnitude below 64: error below 18 roundings of 64 * 2**-24
        assert abs(found.score[place] - truth.score) <= 18 * 64 * 2**-24


@settings(deadline=None, max_examples=20)
@given(seeds, st.lists(st.integers(1, 7), min_size=1, max_size=5), st.permutations([0, 1, 2]))
def test_cutting_the_frames_and_mixing_the_streams_changes_no_bit(small, seed, cuts, order):
    rng = np.random.default_rng(seed)
    graph = small.graph(rng, 6)
    scores = np.stack([small.scores(rng, sum(cuts)) for _ in range(3)])
    whole, parts = Together(graph), Together(graph)
    whole.advance(scores, 6.0, 10)
    parts.streams, at = parts.streams[order], 0
    for cut in cuts:
        parts.advance(scores[order][:, at : at + cut], 6.0, 10)
        at += cut
    for stream in whole.streams:
        assert whole.scores_of(stream) == parts.scores_of(stream)
        np.testing.assert_array_equal(whole.channels.counters[stream], parts.channels.counters[stream])


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_forgetting_records_changes_no_path(small, seed):
    """The small pool is compacted several times, the large one never."""
    rng = np.random.default_rng(seed)
    graph = small.graph(rng, 5)
    tight, wide = Together(graph, tokens=32, records=144), Together(graph, tokens=32, records=1 << 14)
    for _ in range(6):
        scores = np.stack([small.scores(rng, 10) for _ in range(3)])
        tight.advance(scores, 5.0, 8)
        wide.advance(scores, 5.0, 8)
    if not tight.channels.counters[:, OVERFLOWS].any():
        for one, other in zip(tight.paths(False, 256), wide.paths(False, 256), strict=True):
            np.testing.assert_array_equal(one, other)
    assert (tight.channels.counters[:, RECORDS] <= 144).all()


def test_full_capacities_tighten_the_beam_and_go_on(small):
    rng = np.random.default_rng(11)
    search = Together(small.graph(rng, 40), tokens=16, records=64, candidates=32)
    for _ in range(20):
        search.advance(np.stack([small.scores(rng, 10) for _ in range(3)]), 1e4, 8)
    counters = search.channels.counters[search.streams]
    assert (counters[:, FRAMES] == 200).all()
    assert (counters[:, OVERFLOWS] > 0).all()
    assert (counters[:, TOKENS] > 0).all()
    assert np.isfinite(search.paths(False).score).all()


@settings(deadline=None, max_examples=10)
@given(seeds)
def test_what_a_channel_held_before_does_not_matter(small, seed):
    rng = np.random.default_rng(seed)
    graph, scores = small.graph(rng, 6), np.stack([small.scores(rng, 9) for _ in range(3)])
    clean, dirty = Together(graph), Together(graph)
    for part in dirty.channels:
        part[:] = np.nan if part.dtype.kind == "f" else 77
    for stream in dirty.streams:
        begin(dirty.channels, stream)
    for search in (clean, dirty):
        search.advance(scores)
    assert [clean.scores_of(s) for s in clean.streams] == [dirty.scores_of(s) for s in dirty.streams]


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(2, 6), st.integers(1, 8))
def test_one_stream_has_more_words_and_the_others_do_not_see_them(small, seed, states, frames):
    rng = np.random.default_rng(seed)
    plain, hub = small.graph(rng, states), int(rng.integers(states))
    shared = interleaved(plain, room=32)
    door = write_extension(shared, small.extension(rng, states), hub, states + 1, len(plain.dest))
    scores = np.stack([small.scores(rng, frames) for _ in range(3)])
    search = Together(shared)
    begin(search.channels, 0, hub, door)
    search.advance(scores)
    for place, stream in enumerate(search.streams):
        one = small.search(shared, CAPACITY, RECORD_COUNT)
        if stream == 0:
            start(shared, one.channel, one.lane, small.wide, hub, door)
        one.advance(scores[place])
        assert search.scores_of(stream) == scores_alone(one)


def test_what_does_not_fit_is_refused_before_the_search(small):
    rng = np.random.default_rng(1)
    graph, scores = small.graph(rng, 6), np.stack([small.scores(rng, 4) for _ in range(2)])
    check_graph(graph, 5)
    with pytest.raises(ValueError, match="graph of its language"):
        check_graph(graph, 3)
    with pytest.raises(ValueError, match="interleaved"):
        check_graph(graph._replace(rank=np.zeros(0, np.uint8)), 5)
    channels, streams = new_channels(2, 32, 128), np.array([1, 0], np.int32)
    check_step(channels, streams, scores, scores, 5)
    wrong = scores.copy()
    wrong[1, 2, 3] = np.nan
    for wanted, what in (
        ((streams, scores[:, :0], scores[:, :0]), "no frames"),
        ((streams, scores, wrong), "stream 0 are not finite"),
        ((streams, wrong, scores), "stream 0 are not finite"),
        ((streams, scores[:1], scores[:1]), r"give \(2, T, 5\)"),
        ((np.array([1, 1], np.int32), scores, scores), "once"),
        ((np.array([1, 2], np.int32), scores, scores), "of 2 channels"),
    ):
        with pytest.raises(ValueError, match=what):
            check_step(channels, *wanted, 5)
    for sizes in ((0, 128), (9000, 36000), (32, 127)):
        with pytest.raises(ValueError, match="at most 8192"):
            new_channels(2, *sizes)
    with pytest.raises(ValueError, match="power of two"):
        new_lanes(1, 63, 16, 64)

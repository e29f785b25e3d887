"""The greedy search never does worse than it began, counts rightly, and is mostly best."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from kernels.utterance_assignment import Parts, boxes, exact, greedy

said = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3), min_size=1, max_size=6)
heard = st.lists(st.lists(st.integers(0, 3), max_size=6), min_size=1, max_size=3)


def _parts(found: list[list[int]]) -> Parts:
    ids = np.array([w for part in found for w in part], np.int32)
    bounds = np.concatenate([[0], np.cumsum([len(part) for part in found])]).astype(np.int64)
    return Parts(ids, np.zeros(len(ids), np.int64), np.ones(len(ids), np.int64), bounds)


def _cost(utterances: list[list[int]], streams: list[list[int]], choice: np.ndarray) -> int:
    placed = [[w for u, words in enumerate(utterances) if choice[u] == k for w in words] for k in range(len(streams))]
    return sum(Levenshtein.distance(a, b) for a, b in zip(placed, streams, strict=True))


@given(said, heard, st.integers(0, 2**30))
def test_never_worse_than_the_start_nor_better_than_the_best(
    utterances: list[list[int]], streams: list[list[int]], seed: int
) -> None:
    start = np.random.default_rng(seed).integers(0, len(streams), len(utterances))
    cost, choice = greedy.improve(_parts(utterances), _parts(streams), start)
    assert cost == _cost(utterances, streams, choice) <= _cost(utterances, streams, start)
    limits = boxes(_parts(utterances), _parts(streams))
    assert cost >= exact.cheapest(_parts(utterances), _parts(streams), limits, start)[0]


def test_streams_longer_than_a_block_are_put_right() -> None:
    rng = np.random.default_rng(3)
    utterances = [rng.integers(0, 500, 7).tolist() for _ in range(90)]
    truth = rng.integers(0, 3, 90)
    streams = [[w for u, words in enumerate(utterances) if truth[u] == k for w in words] for k in range(3)]
    noisy = [[w if rng.random() > 0.1 else 600 for w in stream] for stream in streams]
    start = np.where(rng.random(90) < 0.2, rng.integers(0, 3, 90), truth)
    cost, choice = greedy.improve(_parts(utterances), _parts(noisy), start)
    assert cost == _cost(utterances, noisy, choice) <= _cost(utterances, noisy, truth)
    assert (choice == truth).mean() > 0.95


def test_an_empty_stream_can_be_chosen() -> None:
    cost, choice = greedy.improve(_parts([[1, 2]]), _parts([[], [1, 2]]), np.array([0]))
    assert (cost, choice.tolist()) == (0, [1])

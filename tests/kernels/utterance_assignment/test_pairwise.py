"""Two streams at a time: never worse than the start, never better than the best."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.timed_edit_distance import Words, distance
from kernels.utterance_assignment import Parts, boxes, exact, pairwise

word = st.tuples(st.integers(0, 2), st.integers(0, 12), st.integers(1, 6))
utterances = st.lists(st.lists(word, min_size=1, max_size=3), min_size=1, max_size=5)
streams = st.lists(st.lists(word, max_size=4), min_size=1, max_size=4)


def _parts(found: list[list[tuple[int, int, int]]]) -> Parts:
    table = np.array([w for part in found for w in part], np.int64).reshape(-1, 3)
    bounds = np.concatenate([[0], np.cumsum([len(part) for part in found])]).astype(np.int64)
    return Parts(table[:, 0].astype(np.int32), table[:, 1].copy(), table[:, 1] + table[:, 2], bounds)


def _cost(said: Parts, heard: Parts, choice: np.ndarray) -> int:
    placed = [Words(*said.chosen(np.flatnonzero(choice == k))[:3]) for k in range(heard.parts)]
    return sum(distance(own, heard.part(k)) for k, own in enumerate(placed))


@settings(max_examples=150)
@given(utterances, streams, st.integers(0, 2**30))
def test_between_the_start_and_the_best(
    left: list[list[tuple[int, int, int]]], right: list[list[tuple[int, int, int]]], seed: int
) -> None:
    said, heard = _parts(left), _parts(right)
    start = np.random.default_rng(seed).integers(0, heard.parts, said.parts)
    best, _ = exact.cheapest(said, heard, boxes(said, heard), start)
    cost, choice = pairwise.improve(said, heard, start, 1e9)
    assert cost == _cost(said, heard, choice)
    assert best <= cost <= _cost(said, heard, start)
    if heard.parts <= 2:
        assert cost == best


def test_streams_that_cost_too_much_stay_as_they_are() -> None:
    said, heard = _parts([[(0, 0, 5)]]), _parts([[(1, 0, 5)], [(0, 0, 5)]])
    cost, choice = pairwise.improve(said, heard, np.array([0]), effort=0)
    assert (cost, choice.tolist()) == (2, [0])

"""Which search answers, and that it says whether the answer is best."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.timed_edit_distance import Words, distance
from kernels.utterance_assignment import Parts, boxes, cheapest, feasible


def _parts(rng: np.random.Generator, sizes: list[int], vocabulary: int, timed: bool) -> Parts:
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    start = np.arange(bounds[-1]) * 2 if timed else np.zeros(bounds[-1], np.int64)
    return Parts(rng.integers(0, vocabulary, bounds[-1]).astype(np.int32), start, start + 1, bounds)


def _cost(said: Parts, heard: Parts, choice: np.ndarray) -> int:
    placed = [Words(*said.chosen(np.flatnonzero(choice == k))[:3]) for k in range(heard.parts)]
    return sum(distance(own, heard.part(k)) for k, own in enumerate(placed))


@pytest.mark.parametrize("timed", [False, True])
def test_beyond_the_effort_a_search_answers_and_says_so(timed: bool) -> None:
    rng = np.random.default_rng(11)
    said, heard = _parts(rng, [5] * 12, 9, timed), _parts(rng, [20] * 3, 9, timed)
    preferred = np.zeros(12, np.int64)
    best, exact = cheapest(said, heard, preferred, timed=timed)
    assert exact
    found, proved = cheapest(said, heard, preferred, timed=timed, effort=0)
    assert _cost(said, heard, found) >= _cost(said, heard, best)
    assert not proved or _cost(said, heard, found) == _cost(said, heard, best)


def test_a_found_answer_that_no_other_can_beat_is_exact() -> None:
    rng = np.random.default_rng(2)
    words = _parts(rng, [60] * 3, 400, False)
    said = words._replace(bounds=np.arange(0, 181, 10))
    choice, exact = cheapest(said, words, np.zeros(18, np.int64), timed=False, effort=0)
    assert exact
    assert choice.tolist() == [u // 6 for u in range(18)]


def test_memory_bounds_the_effort_too() -> None:
    rng = np.random.default_rng(1)
    said, heard = _parts(rng, [1], 5, False), _parts(rng, [10_000] * 2, 5, False)
    assert not feasible(said, boxes(said, heard), float("inf"))


def test_one_stream_leaves_no_choice() -> None:
    rng = np.random.default_rng(1)
    said, heard = _parts(rng, [500] * 4, 9, False), _parts(rng, [2_000], 9, False)
    choice, exact = cheapest(said, heard, np.zeros(4, np.int64), timed=False)
    assert (choice.tolist(), exact) == ([0] * 4, True)

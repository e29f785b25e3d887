"""The boxes hold what the whole table holds, with and without times."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.timed_edit_distance import distance
from kernels.utterance_assignment import Boxes, Parts, boxes, exact, reference, work

word = st.tuples(st.integers(0, 2), st.integers(-8, 8), st.integers(0, 6))
utterances = st.lists(st.lists(word, min_size=1, max_size=3), min_size=1, max_size=4)
streams = st.lists(st.lists(word, max_size=4), min_size=1, max_size=3)


def _parts(found: list[list[tuple[int, int, int]]], timed: bool = True) -> Parts:
    table = np.array([w for part in found for w in part], np.int64).reshape(-1, 3)
    bounds = np.concatenate([[0], np.cumsum([len(part) for part in found])]).astype(np.int64)
    if not timed:
        table[:, 1:] = [0, 1]
    return Parts(table[:, 0].astype(np.int32), table[:, 1].copy(), table[:, 1] + table[:, 2], bounds)


def _cost(said: Parts, heard: Parts, choice: np.ndarray) -> int:
    total = 0
    for k in range(heard.parts):
        own = said.chosen(np.flatnonzero(choice == k))
        total += distance(type(heard.part(k))(*own[:3]), heard.part(k))
    return total


@settings(max_examples=300)
@given(utterances, streams, st.booleans())
def test_boxes_hold_the_best_choice(
    left: list[list[tuple[int, int, int]]], right: list[list[tuple[int, int, int]]], timed: bool
) -> None:
    said, heard = _parts(left, timed), _parts(right, timed)
    preferred = np.zeros(said.parts, np.int64)
    expected, choice = reference.cheapest(said, heard, preferred)
    assert _cost(said, heard, choice) == expected
    cost, found = exact.cheapest(said, heard, boxes(said, heard), preferred)
    assert cost == expected
    assert _cost(said, heard, found) == expected


def test_times_keep_the_boxes_small() -> None:
    rng = np.random.default_rng(7)
    said = [[(int(w), 20 * u + 3 * i, 3) for i, w in enumerate(rng.integers(0, 30, 5))] for u in range(60)]
    heard = [[w for u, words in enumerate(said) if u % 3 == k for w in words] for k in range(3)]
    limits = boxes(_parts(said), _parts(heard))
    assert work(_parts(said), limits) < 2_000_000 < work(_parts(said), boxes(_parts(said, False), _parts(heard, False)))
    cost, choice = exact.cheapest(_parts(said), _parts(heard), limits, np.zeros(60, np.int64))
    assert cost == 0
    assert choice.tolist() == [u % 3 for u in range(60)]


def test_the_preferred_stream_wins_a_tie() -> None:
    said, heard = _parts([[(0, 0, 5)]]), _parts([[(0, 0, 5)], [(0, 0, 5)], [(1, 0, 5)]])
    for wanted, expected in ((0, 0), (1, 1), (2, 0)):
        preferred = np.array([wanted])
        assert reference.cheapest(said, heard, preferred)[1].tolist() == [expected]
        cost, choice = exact.cheapest(said, heard, boxes(said, heard), preferred)
        assert (cost, choice.tolist()) == (2, [expected])


def test_the_size_of_a_box_never_overflows() -> None:
    assert Boxes(np.zeros((1, 40), np.int64), np.full((1, 40), 10_000)).sizes[0] > 1e150

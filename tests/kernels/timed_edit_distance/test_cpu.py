"""The band finds what the whole matrix finds, whatever the order of the words' times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from kernels import timed_edit_distance
from kernels.timed_edit_distance import Words, band, cpu, reference

word = st.tuples(st.integers(0, 2), st.integers(-8, 8), st.integers(0, 6))
sequence = st.lists(word, max_size=8)


def _words(found: list[tuple[int, int, int]]) -> Words:
    table = np.array(found, np.int64).reshape(-1, 3)
    return Words(table[:, 0].astype(np.int32), table[:, 1].copy(), table[:, 1] + table[:, 2])


def _random(rng: np.random.Generator, size: int, spread: int) -> Words:
    start = rng.integers(0, 40, size) + np.arange(size) * spread
    return Words(rng.integers(0, 12, size).astype(np.int32), start, start + rng.integers(0, 30, size))


def _cost(truth: Words, heard: Words, pairs: np.ndarray) -> int:
    """What a pairing costs, after checking that it is one."""
    taken = pairs[pairs >= 0]
    assert (np.diff(taken) > 0).all()
    kept = pairs >= 0
    assert (truth.start[kept] < heard.end[taken]).all()
    assert (heard.start[taken] < truth.end[kept]).all()
    wrong = int((truth.ids[kept] != heard.ids[taken]).sum())
    return wrong + int((~kept).sum()) + len(heard.ids) - len(taken)


@given(sequence, sequence)
def test_band_equals_matrix(left: list[tuple[int, int, int]], right: list[tuple[int, int, int]]) -> None:
    truth, heard = _words(left), _words(right)
    limits = band(truth, heard)
    expected = reference.distance(truth, heard)
    assert cpu.distance(truth, heard, *limits) == expected
    assert _cost(truth, heard, cpu.pairing(truth, heard, *limits)) == expected
    assert _cost(truth, heard, reference.pairing(truth, heard)) == expected


@pytest.mark.parametrize("spread", [0, 3, 10])
def test_long_sequences(spread: int) -> None:
    rng = np.random.default_rng(spread)
    for _ in range(5):
        truth, heard = _random(rng, 200, spread), _random(rng, 180, spread)
        expected = reference.distance(truth, heard)
        assert timed_edit_distance.distance(truth, heard) == expected
        assert _cost(truth, heard, timed_edit_distance.pairing(truth, heard)) == expected


@given(sequence, sequence)
def test_without_a_constraint_it_is_the_edit_distance(
    left: list[tuple[int, int, int]], right: list[tuple[int, int, int]]
) -> None:
    def free(found: list[tuple[int, int, int]]) -> Words:
        size = len(found)
        return Words(_words(found).ids, np.zeros(size, np.int64), np.ones(size, np.int64))

    plain = Levenshtein.distance([w for w, _, _ in left], [w for w, _, _ in right])
    assert timed_edit_distance.distance(free(left), free(right)) == plain


def test_touching_is_not_overlapping_and_a_point_is_paired_with_what_is_around_it() -> None:
    first, touching, point = _words([(1, 0, 10)]), _words([(1, 10, 5)]), _words([(1, 5, 0)])
    assert timed_edit_distance.distance(first, touching) == 2
    assert timed_edit_distance.distance(first, point) == 0
    assert timed_edit_distance.distance(point, point) == 2  # two points never overlap, not even with themselves

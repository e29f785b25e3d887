"""Speakers are paired for the largest sum, by whichever way."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from harness.errors import EvidenceError
from harness.measures.speakers import matching
from harness.measures.speakers.matching import Shared, best_pairs, shared_time
from harness.measures.speakers.spans import Spans


def random_shared(rng: np.random.Generator, rows: int, columns: int) -> Shared:
    table = rng.integers(0, 50, (rows, columns)) * rng.integers(0, 2, (rows, columns))
    row, column = np.nonzero(table)
    return Shared(row, column, table[row, column])


def largest(shared: Shared, rows: int, columns: int) -> int:
    size = max(rows, columns)
    table = np.zeros((size, size), np.int64)
    table[shared.reference, shared.hypothesis] = shared.time
    return max(int(table[np.arange(size), order].sum()) for order in permutations(range(size)))


@pytest.mark.parametrize(("small", "dense"), [(4096, 4096), (0, 4096), (0, 0)], ids=["small", "dense", "sparse"])
def test_the_sum_is_largest(small: int, dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_SMALL", small)
    monkeypatch.setattr(matching, "_DENSE", dense)
    rng = np.random.default_rng(3)
    for _ in range(60):
        rows, columns = (int(n) for n in rng.integers(1, 6, 2))
        shared = random_shared(rng, rows, columns)
        pairs = best_pairs(shared)
        assert len(set(pairs.reference.tolist())) == len(set(pairs.hypothesis.tolist())) == len(pairs.time)
        assert int(pairs.time.sum()) == int(shared.within(pairs).sum()) == largest(shared, rows, columns)


@pytest.mark.parametrize("small", [4096, 0])
def test_shared_time_by_samples(
    small: int, random_turns: Callable[..., tuple], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_SMALL", small)
    rng = np.random.default_rng(4)
    for _ in range(50):
        a, b = (random_turns(rng, names, 40, own_overlap=True) for names in ("ab", "xyz"))
        shared = shared_time(Spans.of_turns(a), Spans.of_turns(b))
        first, second = (list(dict.fromkeys(turn.speaker for turn in side)) for side in (a, b))
        expected = {
            (i, j): sum(
                max(0, min(s.end, t.end) - max(s.start, t.start))
                for s in a
                for t in b
                if (s.speaker, t.speaker) == (first[i], second[j])
            )
            for i in range(len(first))
            for j in range(len(second))
        }
        got = zip(shared.reference.tolist(), shared.hypothesis.tolist(), shared.time.tolist(), strict=True)
        assert {(i, j): time for i, j, time in got} == {pair: time for pair, time in expected.items() if time}


def test_what_can_be_no_speech_is_refused() -> None:
    many = Spans(np.arange(30_000), np.zeros(30_000, np.int64), np.full(30_000, 9), 30_000)
    with pytest.raises(EvidenceError, match="900000000 pairs of turns are at the same time"):
        shared_time(many, many)


def test_so_many_pairs_of_speakers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_MOST_PAIRS", 99)
    ten = Spans(np.arange(10), np.zeros(10, np.int64), np.full(10, 9), 10)
    with pytest.raises(EvidenceError, match="so many speakers are at the same time"):
        shared_time(ten, ten)


def test_more_speakers_than_can_be_mapped_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_DENSE", 0)
    monkeypatch.setattr(matching, "_MOST_WORK", 5)
    apart = Shared(np.arange(3), np.arange(3), np.full(3, 5))
    assert int(best_pairs(apart).time.sum()) == 15
    chain = Shared(np.array([0, 0, 1]), np.array([0, 1, 1]), np.full(3, 5))
    with pytest.raises(EvidenceError, match="2 and 2 speakers all meet"):
        best_pairs(chain)

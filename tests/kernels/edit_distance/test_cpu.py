"""The bit-parallel scripts equal the plain table's, a code at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.edit_distance import DELETE, EQUAL, INSERT, SUBSTITUTE, cpu, reference

Tokens = list[int]


def compiled_scripts(pairs: list[tuple[Tokens, Tokens]], vocabulary: int) -> tuple[list[list[int]], list[list[int]]]:
    """Codes and counts of every pair."""
    sides = [[np.array(pair[side], np.int32) for pair in pairs] for side in (0, 1)]
    begins = [np.concatenate([[0], np.cumsum([len(x) for x in side])]).astype(np.int64) for side in sides]
    flat = [np.concatenate([np.zeros(0, np.int32), *side]) for side in sides]
    memory = cpu.scratch(vocabulary, max(map(len, sides[0])), max(map(len, sides[1])))
    counts = np.zeros((len(pairs), 4), np.int32)
    codes, ends = np.empty(len(flat[0]) + len(flat[1]), np.uint8), np.empty(len(pairs), np.int64)
    written = cpu.scripts(flat[0], begins[0], flat[1], begins[1], np.arange(len(pairs)), memory, counts, codes, ends)
    assert not len(pairs) or written == ends[-1]
    assert (memory.local == -1).all(), "scratch is left as it was found"
    return [part.tolist() for part in np.split(codes[:written], ends[:-1])], counts.tolist()


def check(pairs: list[tuple[Tokens, Tokens]], vocabulary: int) -> None:
    codes, counts = compiled_scripts(pairs, vocabulary)
    for (said, heard), script, counted in zip(pairs, codes, counts, strict=True):
        assert script == reference.script(said, heard)
        assert counted == [script.count(code) for code in (EQUAL, SUBSTITUTE, DELETE, INSERT)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.lists(st.integers(0, 3), max_size=14)] * 2), min_size=1, max_size=8))
def test_short_pairs(pairs: list[tuple[Tokens, Tokens]]) -> None:
    check(pairs, 4)


@pytest.mark.parametrize("length", [63, 64, 65, 127, 128, 129, 200])
def test_lengths_around_the_edges_of_machine_words(length: int) -> None:
    rng = np.random.default_rng(length)
    said = [rng.integers(0, 5, length).tolist() for _ in range(4)]
    heard = [rng.integers(0, 5, length + extra).tolist() for extra in (-40, -1, 0, 70)]
    noisy = [[t for t in tokens if rng.random() > 0.2] for tokens in said]
    check(list(zip(said, heard, strict=True)) + list(zip(said, noisy, strict=True)), 5)


@settings(max_examples=100, deadline=None)
@given(*[st.lists(st.integers(0, 3), max_size=12)] * 2)
def test_the_reference_rebuilds_both_sides_at_least_cost(said: Tokens, heard: Tokens) -> None:
    script = reference.script(said, heard)
    assert sum(code != INSERT for code in script) == len(said)
    assert sum(code != DELETE for code in script) == len(heard)
    assert sum(code != EQUAL for code in script) == reference.distances(said, heard)[-1][-1]
    left, right = iter(said), iter(heard)
    for code in script:
        a = next(left) if code != INSERT else None
        b = next(right) if code != DELETE else None
        assert (a == b) == (code == EQUAL)

"""Segments are cut as Gillick and Cox cut them, and lose no error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from harness.gate.segments import segments

words = st.lists(st.sampled_from("abc"), max_size=14)


@pytest.mark.parametrize(
    ("reference", "champion", "candidate", "expected"),
    [
        ("a b c d", "a b c d", "a b c d", []),
        ("a b c d e", "a x c d e", "a b c d e", [-1]),
        ("a b c d e", "a x c d y", "a b c d e", [-1, -1]),  # two words between: two segments
        ("a b c d", "a x c y", "a b c d", [-2]),  # one word between: one segment
        ("a b c d e", "a x c d e", "a b c d y", [-1, 1]),
        ("a b c d", "a b c d", "a b um c d", [1]),
        ("a b c d e f", "a x c um d e f", "a b c d e f", [-2]),  # the insertion keeps the segment open
        ("a b c d e f", "a x c d um e f", "a b c d e f", [-1, -1]),
        ("a", "", "b", [0]),
        ("", "um", "", [-1]),
        ("a b", "a b um", "a b", [-1]),
    ],
)
def test_segments(reference: str, champion: str, candidate: str, expected: list[int]) -> None:
    got = segments(reference.split(), champion.split(), candidate.split())
    assert (got.count, got.sum, got.squares) == (len(expected), sum(expected), sum(d * d for d in expected))


@given(words, words, words)
def test_all_errors_are_in_some_segment_and_sides_are_alike(
    reference: list[str], one: list[str], two: list[str]
) -> None:
    got = segments(reference, one, two)
    assert got.sum == Levenshtein.distance(reference, two) - Levenshtein.distance(reference, one)
    assert got.count >= got.better + got.worse
    assert got.errors == Levenshtein.distance(reference, one)
    assert got.common <= min(got.errors, Levenshtein.distance(reference, two))
    assert segments(reference, one, one).shared == (1.0 if got.errors else None)
    swapped = segments(reference, two, one)
    assert (swapped.count, swapped.sum, swapped.better) == (got.count, -got.sum, got.worse)

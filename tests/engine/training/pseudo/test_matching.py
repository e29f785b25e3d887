"""The exhaustive search finds what a plain table finds, with the same count of edits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from engine.training.pseudo.matching import BIN, find_all, last_row

SYMBOLS = st.integers(1, 5)


def plain_row(query: np.ndarray, text: np.ndarray) -> np.ndarray:
    row = np.zeros(len(text) + 1, int)
    for place, symbol in enumerate(query, 1):
        after = np.empty_like(row)
        after[0] = place
        for end in range(1, len(row)):
            after[end] = min(row[end - 1] + (text[end - 1] != symbol), row[end] + 1, after[end - 1] + 1)
        row = after
    return row


@settings(max_examples=60, deadline=None)
@given(st.lists(SYMBOLS, max_size=12), st.lists(SYMBOLS, max_size=30))
def test_the_last_row_is_that_of_the_plain_table(query: list[int], text: list[int]) -> None:
    given_query, given_text = np.array(query, np.uint8), np.array(text, np.uint8)
    assert last_row(given_query, given_text, free=True).tolist() == plain_row(given_query, given_text).tolist()


@pytest.mark.parametrize("lengths", [(1, 2, 9), (63, 64, 65), (5, 127, 128, 129), (200,)])
def test_the_best_stretch_of_every_query(lengths: tuple[int, ...]) -> None:
    rng = np.random.default_rng(lengths)
    text = rng.integers(1, 6, 5 * BIN + 100).astype(np.uint8)
    queries = [rng.integers(1, 6, length).astype(np.uint8) for length in lengths]
    found = dict(find_all(queries, text, 3))
    assert sorted(found) == list(range(len(lengths)))
    for place, matches in found.items():
        assert matches[0].errors == last_row(queries[place], text, free=True).min()
        for match in matches:
            assert match.errors == Levenshtein.distance(bytes(queries[place]), bytes(text[match.start : match.end]))


def test_a_planted_stretch_is_found_where_it_is() -> None:
    rng = np.random.default_rng(1)
    text = rng.integers(1, 40, 20 * BIN).astype(np.uint8)
    for start in (0, 7 * BIN - 50, 20 * BIN - 90):
        query = text[start : start + 90].copy()
        query[::4] = 40  # a quarter is misheard
        match = dict(find_all([query], text, 2))[0][0]
        assert abs(match.start - start) <= 4
        assert abs(match.end - start - 90) <= 4
        assert match.errors <= 23


def test_empty_queries_and_texts() -> None:
    none, some = np.zeros(0, np.uint8), np.ones(3, np.uint8)
    assert dict(find_all([none, some], none, 3)) == {1: []}

"""Numbers, dates and names as they are said."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.ngram.spoken import cardinal, ordinal, read_lists, sentences, year

LISTS = read_lists(Path(engine.__file__).parent / "models" / "english" / "everyday.txt")


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "zero"), (17, "seventeen"), (40, "forty"), (99, "ninety nine"), (1000, "one thousand"),
     (2_000_017, "two million seventeen")],
)  # fmt: skip
def test_cardinals(number, said):
    assert cardinal(number) == said


@pytest.mark.parametrize(("number", "said"), [(1, "first"), (12, "twelfth"), (20, "twentieth"), (33, "thirty third")])
def test_ordinals(number, said):
    assert ordinal(number) == said


@pytest.mark.parametrize(
    ("number", "said"), [(1905, "nineteen oh five"), (2005, "two thousand five"), (1900, "nineteen hundred")]
)
def test_years(number, said):
    assert year(number) == said


@given(st.integers(0, 999_999_999), st.integers(0, 999_999_999))
def test_different_numbers_are_said_differently(one, other):
    assert (cardinal(one) == cardinal(other)) == (one == other)


def test_the_same_seed_makes_the_same_sentences():
    one, other = (list(sentences(LISTS, 200, np.random.default_rng(4))) for _ in range(2))
    assert one == other
    assert all(word.isascii() and word == word.lower() for sentence in one for word in sentence)

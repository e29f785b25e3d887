"""Perplexity."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ngram.kneser_ney import estimate
from engine.ngram.perplexity import Surprise, surprise, token_scores
from engine.ngram.vocabulary import BEGIN, END, UNKNOWN

values = st.builds(Surprise, st.integers(0, 99).map(float), st.integers(0, 99), st.integers(0, 9))


@given(values, values)
def test_surprises_add_up(one, other):
    assert one + other == other + one
    assert one + Surprise() == one


def test_tokens_are_scored_with_the_history_they_have(small):
    model = estimate(small.vocabulary.encode([["a", "b", "c"], ["b"]]), small.vocabulary, 3, (1, 1, 1))
    text = small.vocabulary.encode([["a", "b", "zz"], []])
    found = token_scores(model, text)
    expected = {1: (BEGIN, 3), 2: (BEGIN, 3, 4), 3: (3, 4, UNKNOWN), 4: (4, UNKNOWN, END), 6: (BEGIN, END)}
    for place, gram in expected.items():
        assert found[place] == pytest.approx(math.log(small.probability(model, *gram)))
    total = surprise(found, text)
    assert (total.tokens, total.unknown) == (4, 1)
    assert total.perplexity == pytest.approx(math.exp(-sum(found[[1, 2, 4, 6]]) / 4))


def test_an_empty_text_has_no_perplexity():
    assert surprise(np.zeros(0), np.zeros(0, np.uint16)).perplexity is None

"""Estimation against the formula, written with dictionaries."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ngram.kneser_ney import discounts, estimate
from engine.ngram.vocabulary import BEGIN, END, UNKNOWN

texts = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "zz"]), max_size=6), min_size=1, max_size=12)


def plain_kneser_ney(sentences, vocabulary):
    """Trigram probabilities by the formula, with dictionaries."""
    marked = [[BEGIN, *(vocabulary.numbers.get(word, UNKNOWN) for word in words), END] for words in sentences]
    tri = Counter(tuple(s[i : i + 3]) for s in marked for i in range(len(s) - 2))
    raw2 = Counter(tuple(s[i : i + 2]) for s in marked for i in range(len(s) - 1))
    bi = Counter(gram[1:] for gram in tri)
    bi.update({gram: times for gram, times in raw2.items() if gram[0] == BEGIN})
    uni = Counter(gram[1] for gram in bi)
    uni.pop(BEGIN, None)

    def taken(table, times):
        return discounts(np.array(list(table.values())))[min(times, 3)]

    def chain(table, lower, gram):
        *before, word = gram
        same = {other: times for other, times in table.items() if list(other[:-1]) == before}
        total = sum(same.values())
        if not total:
            return lower(word)
        left = sum(taken(table, times) for times in same.values()) / total
        times = table.get(tuple(gram), 0)
        return (times - taken(table, times)) / total + left * lower(word)

    def p1(word):
        total = sum(uni.values())
        left = sum(taken(uni, times) for times in uni.values()) / total / (len(vocabulary) - 1)
        return (uni.get(word, 0) - taken(uni, uni.get(word, 0))) / total + left

    return lambda a, b, c: chain(tri, lambda w: chain(bi, p1, (b, w)), (a, b, c))


@settings(deadline=None, max_examples=40)
@given(texts)
def test_estimates_equal_the_formula(small, sentences):
    model = estimate(small.vocabulary.encode(sentences), small.vocabulary, 3, (1, 1, 1))
    truth = plain_kneser_ney(sentences, small.vocabulary)
    small.sums_to_one(model)
    for gram in [(BEGIN, 3, 4), (3, 4, 5), (4, 4, 4), (5, 3, END), (0, 3, 4), (3, 3, 0)]:
        assert small.probability(model, *gram) == pytest.approx(truth(*gram), rel=1e-9)

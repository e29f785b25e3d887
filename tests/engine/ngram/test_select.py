"""Choosing sentences like a small text's."""

import numpy as np

from engine.ngram.select import select
from engine.ngram.vocabulary import BEGIN, END


def test_sentences_like_the_small_text_are_chosen_in_order(small):
    alike, other = ["a", "b"], ["c", "d"]
    large = small.vocabulary.encode([other, alike, other, alike, other, other])
    chosen = select(large, small.vocabulary.encode([alike] * 3), small.vocabulary, 0.3)
    np.testing.assert_array_equal(chosen, [BEGIN, 3, 4, END] * 2)


def test_the_share_bounds_the_words_kept(small):
    rng = np.random.default_rng(4)
    sentences = [[small.words[int(i)] for i in rng.integers(0, 4, rng.integers(1, 9))] for _ in range(200)]
    large = small.vocabulary.encode(sentences)
    for share in (0.0, 0.25, 1.0):
        chosen = select(large, small.vocabulary.encode([["a", "a"]]), small.vocabulary, share)
        wanted = share * (large != BEGIN).sum()
        assert wanted <= (chosen != BEGIN).sum() <= wanted + 9 * (0 < share < 1)

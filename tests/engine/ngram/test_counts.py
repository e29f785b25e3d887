"""Counting."""

from engine.ngram.counts import count
from engine.ngram.vocabulary import BEGIN, END


def test_no_ngram_crosses_a_sentence(small):
    stream = small.vocabulary.encode([["a", "b"], ["c"]])
    pairs = {(int(key) >> 16, int(key) & 0xFFFF) for key in count(stream, 2).keys}
    assert pairs == {(BEGIN, 3), (3, 4), (4, END), (BEGIN, 5), (5, END)}

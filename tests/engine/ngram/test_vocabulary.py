"""Words as numbers."""

import pytest

from engine.ngram.vocabulary import BEGIN, END, UNKNOWN, Vocabulary


def test_a_vocabulary_holds_a_word_once():
    with pytest.raises(ValueError, match="once"):
        Vocabulary.of(["a", "a"])


def test_unknown_words_and_marks_are_numbered_first(small):
    assert small.vocabulary.encode([["b", "zz"], []]).tolist() == [BEGIN, 4, UNKNOWN, END, BEGIN, END]

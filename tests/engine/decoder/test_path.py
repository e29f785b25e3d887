"""Dividing a path's phones into words."""

import pytest

from engine.decoder.path import PathTail, fit_words, timed
from engine.phones import token_ids


def tail_of(lexicon, phones: str, said: list[tuple[str, int]]) -> PathTail:
    tail = PathTail()
    for frame, phone in enumerate(token_ids(phones)):
        tail.enter(phone, 2 * frame, 2 * frame - 2, -0.1)
    tail.leave(2 * len(tail.phones) - 2, -0.1)
    for word, count in said:
        tail.words.append(lexicon.words.index(word))
        tail.said.append(count)
    return tail


def texts(lexicon, tail):
    return [timed(tail, word, lexicon, 0).text for word in fit_words(tail, lexicon)]


def test_words_said_early_or_late_get_their_own_phones(small_lexicon):
    tail = tail_of(small_lexicon, "DH AH K AE T S AE T", [("the", 1), ("cat", 5), ("sat", 7)])
    assert texts(small_lexicon, tail) == ["the", "cat", "sat"]
    assert [(w.first, w.last) for w in fit_words(tail, small_lexicon)] == [(0, 2), (2, 5), (5, 8)]


def test_the_place_where_a_word_is_said_decides_an_ambiguous_spelling(small_lexicon):
    cats = tail_of(small_lexicon, "K AE T S AE T", [("cat", 3), ("sat", 4)])
    assert texts(small_lexicon, cats) == ["cat", "sat"]


def test_an_incomplete_last_word_is_left_out(small_lexicon):
    tail = tail_of(small_lexicon, "DH AH S AE", [("the", 2), ("sat", 4)])
    assert texts(small_lexicon, tail) == ["the"]


def test_variants_fit(small_lexicon):
    tail = tail_of(small_lexicon, "R EH D R IY D", [("read", 3), ("read", 6)])
    assert texts(small_lexicon, tail) == ["read", "read"]


def test_dropping_the_front_leaves_the_rest(small_lexicon):
    tail = tail_of(small_lexicon, "DH AH K AE T S AO", [("the", 1), ("cat", 5), ("saw", 7)])
    tail.drop(1, 2)
    assert texts(small_lexicon, tail) == ["cat", "saw"]
    first = timed(tail, fit_words(tail, small_lexicon)[0], small_lexicon, 0)
    assert (first.start_frame, first.end_frame) == (4, 9)
    assert first.confidence == pytest.approx(0.904837, abs=1e-6)


def test_no_word_begins_before_the_last_committed_one_ended(small_lexicon):
    tail = tail_of(small_lexicon, "S AO", [("saw", 2)])
    word = timed(tail, fit_words(tail, small_lexicon)[0], small_lexicon, 1)
    assert (word.start_frame, word.end_frame) == (1, 3)

"""Forced alignment finds the words, whatever their pronunciation, and never beats what enumeration finds."""

from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.alignment import AlignedWord, align_text, align_words


def sharp(tokens: list[int], width: int = 4) -> np.ndarray:
    """Log-probs that all but say one token a frame."""
    rows = np.full((len(tokens), width), np.log(0.01), np.float32)
    rows[np.arange(len(tokens)), tokens] = np.log(0.97)
    return rows


def test_words_stand_where_their_phones_are():
    found = align_words(sharp([0, 1, 1, 2, 0, 0, 3, 0]), [[(1, 2)], [(3,)]])
    assert found == (AlignedWord(1, 4), AlignedWord(6, 7))


def test_the_better_pronunciation_is_taken():
    assert align_words(sharp([0, 1, 3, 3, 0]), [[(1, 2), (1, 3)]]) == (AlignedWord(1, 4),)


def test_a_repeated_phone_needs_a_blank_between():
    assert align_words(sharp([1, 1]), [[(1,)], [(1,)]]) is None
    assert align_words(sharp([1, 0, 1]), [[(1,)], [(1,)]]) == (AlignedWord(0, 1), AlignedWord(2, 3))


@pytest.mark.parametrize("frames", [0, 1])
def test_too_short_a_recording_has_no_alignment(frames):
    assert align_words(sharp([1] * frames), [[(1, 2)]]) is None


def test_nothing_said_is_nothing_placed():
    assert align_words(sharp([0, 0]), []) == ()


def test_a_word_outside_the_lexicon_has_no_alignment():
    lexicon = {"cat": ((1, 2),)}
    assert align_text(sharp([1, 2]), ["cat"], lexicon) == (AlignedWord(0, 2),)
    assert align_text(sharp([1, 2]), ["dog"], lexicon) is None


def every_path(frames: int, words: list[list[tuple[int, ...]]], log_probs: np.ndarray) -> float:
    """The best score over all token sequences that collapse to a spelling of the words."""
    spelt = {tuple(phone for variant in choice for phone in variant) for choice in product(*words)}
    scores = [
        sum(float(log_probs[frame, token]) for frame, token in enumerate(path))
        for path in product(range(4), repeat=frames)
        if tuple(token for token, _ in groupby(path) if token) in spelt
    ]
    return max(scores, default=-np.inf)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.lists(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=2), min_size=1,
                                                  max_size=2), min_size=1, max_size=2))  # fmt: skip
def test_the_path_is_the_best_of_all(seed, spelt):
    words = [[tuple(variant) for variant in variants] for variants in spelt]
    raw = np.random.default_rng(seed).normal(0, 2, (5, 4))
    log_probs = (raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))).astype(np.float32)
    found = align_words(log_probs, words)
    best = every_path(5, words, log_probs)
    assert (found is None) == (best == -np.inf)
    if found is not None:
        edges = [edge for word in found for edge in (word.first, word.last)]
        assert edges == sorted(edges)
        assert all(word.first < word.last for word in found)
        # Words confined to where they were placed still reach the best score.
        assert confined(log_probs, words, found) == pytest.approx(best, abs=1e-4)


def confined(log_probs: np.ndarray, words: list[list[tuple[int, ...]]], placed: tuple[AlignedWord, ...]) -> float:
    outside = np.ones(len(log_probs), bool)
    total = 0.0
    for variants, word in zip(words, placed, strict=True):
        outside[word.first : word.last] = False
        part = log_probs[word.first : word.last]
        total += every_path(len(part), [variants], part)
    return total + float(log_probs[outside, 0].sum())

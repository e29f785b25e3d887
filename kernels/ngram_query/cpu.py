"""Queries of n-grams compiled by numba, without memory of their own; see the package for the contract."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner
from kernels.ngram_query import check

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U16 = NDArray[np.uint16]


class Tables(NamedTuple):
    """A model; see the package."""

    first: I32
    word: U16
    log_prob: F32
    backoff: F32
    shorter: I32
    vocabulary: int
    longest: int
    deepest: int  # the first node of the longest n-grams


def tables(first: I32, word: U16, log_prob: F32, backoff: F32, vocabulary: int, longest: int) -> Tables:
    """Link a model's nodes to shorter ones."""
    shorter = np.full(len(word), -1, np.int32)
    deepest = _link(first, word, vocabulary, longest, shorter)
    return Tables(first, word, log_prob, backoff, shorter, vocabulary, longest, deepest)


def query(model: Tables, state: I32, words: I32, score: F32, following: I32) -> None:
    """Look words up.

    Args:
        model, state, words, score, following: see the package; ``following`` is ``next`` there.

    Raises:
        ValueError: a shape does not fit, or a state or word does not exist: they are another model's.
    """
    arrays = (*model[:5], state, words, score, following)
    check(*[array.shape for array in arrays])
    if len(state) and not -1 <= state.min() <= state.max() < model.deepest:
        raise ValueError(f"n-grams: states {state.min()} to {state.max()} of {model.deepest}; of another model?")
    if words.size and not -1 <= words.min() <= words.max() < model.vocabulary:
        raise ValueError(f"n-grams: words {words.min()} to {words.max()} of {model.vocabulary}; of another model?")
    query_checked(model, state, words, score, following)


@compiled
def query_checked(model: Tables, state: I32, words: I32, score: F32, following: I32) -> None:
    """The same for callers that are compiled themselves: what does not fit is not noticed."""
    for q in range(len(words)):
        for k in range(words.shape[1]):
            if words[q, k] < 0:
                score[q, k], following[q, k] = -np.inf, state[q]
                continue
            node, lost, found = int(state[q]), 0.0, -1
            while node >= 0:
                found = child(model.first, model.word, node, int(words[q, k]))
                if found >= 0:
                    break
                lost += model.backoff[node]
                node = int(model.shorter[node])
            if found < 0:
                found = int(words[q, k])
            score[q, k] = lost + model.log_prob[found]
            following[q, k] = model.shorter[found] if found >= model.deepest else found


@inner
def child(first: I32, word: U16, node: int, wanted: int) -> int:
    """The node of the n-gram that is one word longer; -1 where it is not listed."""
    low, high = int(first[node]), int(first[node + 1])
    end = high
    while low < high:
        middle = (low + high) >> 1
        if word[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < end and word[low] == wanted else -1


@compiled
def _link(first: I32, word: U16, vocabulary: int, longest: int, shorter: I32) -> int:
    """Link order after order: what is a word longer than a node ends as what is a word longer than a shorter one."""
    begin, end = 0, vocabulary
    for _ in range(longest - 1):
        for node in range(begin, end):
            for longer in range(first[node], first[node + 1]):
                near, found = int(shorter[node]), -1
                while near >= 0 and found < 0:
                    found = child(first, word, near, int(word[longer]))
                    near = int(shorter[near])
                shorter[longer] = found if found >= 0 else int(word[longer])
        begin, end = end, int(first[end])
    return begin

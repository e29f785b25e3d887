"""Back-off by its definition, on dictionaries of word sequences, in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = tuple[int, ...]
Listed = dict[Words, int]  # an n-gram's node


def listed(first: NDArray[Any], word: NDArray[Any], vocabulary: int) -> Listed:
    """All n-grams of a model, found from its single words on."""
    found: Listed = {(single,): single for single in range(vocabulary)}
    level: Listed = dict(found)
    while level:
        level = {
            (*words, int(word[child])): child
            for words, node in level.items()
            for child in range(int(first[node]), int(first[node + 1]))
        }
        found |= level
    return found


def log_probability(grams: Listed, log_prob: NDArray[Any], backoff: NDArray[Any], history: Words, word: int) -> float:
    """Natural log probability of a word after a history: as listed, else the weight times what a shorter one says."""
    if (*history, word) in grams:
        return float(log_prob[grams[*history, word]])
    weight = float(backoff[grams[history]]) if history in grams else 0.0
    return weight + log_probability(grams, log_prob, backoff, history[1:], word)


def state_of(grams: Listed, history: Words, longest: int) -> int:
    """The node of the longest listed n-gram, of fewer than ``longest`` words, that a history ends with; -1 for none."""
    for begin in range(max(len(history) - longest + 1, 0), len(history)):
        if history[begin:] in grams:
            return grams[history[begin:]]
    return -1


def query(
    grams: Listed,
    log_prob: NDArray[Any],
    backoff: NDArray[Any],
    longest: int,
    histories: list[Words],
    words: NDArray[Any],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores (Q, K) and next states (Q, K) of words (Q, K) after Q histories; see the package."""
    score, following = np.full(words.shape, -math.inf), np.empty(words.shape, np.int64)
    for q, history in enumerate(histories):
        for k, word in enumerate(words[q].tolist()):
            if word < 0:
                following[q, k] = state_of(grams, history, longest)
                continue
            near = history[max(len(history) - longest + 1, 0) :]
            score[q, k] = log_probability(grams, log_prob, backoff, near, word)
            following[q, k] = state_of(grams, (*history, word), longest)
    return score, following

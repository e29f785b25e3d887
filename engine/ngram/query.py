"""Asking a trie for a word's probability: compiled, without memory of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.ngram.compact import TrieArrays
from kernels.compiled import compiled, inner

I32 = NDArray[np.int32]


@inner
def child(model: TrieArrays, node: int, word: int) -> int:
    """The node of an n-gram one word longer; -1 where it is not listed."""
    low, high = model.first[node], model.first[node + 1]
    while low < high:
        middle = (low + high) // 2
        if model.word[middle] < word:
            low = middle + 1
        else:
            high = middle
    return int(low) if low < model.first[node + 1] and model.word[low] == word else -1


@inner
def listed(model: TrieArrays, history: I32, start: int) -> int:
    """The node of the words of a history from ``start`` on; -1 where they are not listed."""
    node = int(history[start])
    for place in range(start + 1, len(history)):
        node = child(model, node, int(history[place]))
        if node < 0:
            break
    return node


@compiled
def word_score(model: TrieArrays, history: I32, used: int, word: int) -> float:
    """Natural log probability of a word.

    Args:
        history: (H,) the words before it, the newest last.
        used: how many of them to look at, from the newest; at most one less than the longest n-gram.
        word: number in the vocabulary.
    """
    start = len(history) - used
    lost = 0.0
    while start < len(history):
        node = listed(model, history, start)
        if node >= 0:
            found = child(model, node, word)
            if found >= 0:
                return lost + float(model.log_prob[found])
            lost += float(model.backoff[node])
        start += 1
    return lost + float(model.log_prob[word])


@compiled
def known_words(model: TrieArrays, history: I32, used: int) -> int:
    """How many of the newest words a model can tell apart: the length of the longest listed history they end with."""
    start = len(history) - min(used, model.longest - 1)
    while start < len(history):
        node = listed(model, history, start)
        if node >= 0 and model.first[node + 1] > model.first[node]:
            return len(history) - start
        start += 1
    return 0


@compiled
def word_scores(model: TrieArrays, histories: I32, used: I32, words: I32) -> NDArray[np.float32]:
    """Natural log probabilities (K,) of words after histories (K, H), looking at the newest ``used`` (K,) of each."""
    result = np.empty(len(words), np.float32)
    for index in range(len(words)):
        result[index] = word_score(model, histories[index], used[index], words[index])
    return result

"""Interpolated modified Kneser-Ney estimation.

Source: Chen and Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling" (TR-10-98), section 3;
lower orders use continuation counts, except for n-grams that begin a sentence, as in Heafield et al. (ACL 2013).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.ngram.counts import Counts, count, find, first_word, history, suffix
from engine.ngram.model import BackoffModel, Floats, Order
from engine.ngram.vocabulary import BEGIN, Vocabulary

NEVER = -99.0 * np.log(10.0)  # the begin mark is never predicted


def estimate(
    stream: NDArray[np.uint16], vocabulary: Vocabulary, order: int = 3, minimum: Sequence[int] = (1, 1, 2)
) -> BackoffModel:
    """Estimate a model from an encoded text.

    Args:
        stream: (N,) word numbers from ``Vocabulary.encode``.
        order: longest n-gram.
        minimum: an n-gram of order i is listed if its count reaches minimum[i-1] (order 1: all words are).
    """
    adjusted = adjusted_counts(stream, order)
    model = BackoffModel(vocabulary, (_unigrams(adjusted[0], len(vocabulary)),))
    for number in range(2, order + 1):
        model = _extend(model, adjusted[number - 1], number, minimum[number - 1])
    return model


def adjusted_counts(stream: NDArray[np.uint16], order: int) -> list[Counts]:
    """Raw counts of the highest order; below it, in how many ways an n-gram is preceded."""
    result = [count(stream, order)]
    for number in range(order - 1, 0, -1):
        keys, ways = np.unique(suffix(result[0].keys, number + 1), return_counts=True)
        raw = count(stream, number)
        begins = first_word(raw.keys, number) == BEGIN
        keys = np.concatenate([keys, raw.keys[begins]])
        ways = np.concatenate([ways, raw.counts[begins]])
        ascending = np.argsort(keys, kind="stable")
        result.insert(0, Counts(keys[ascending], ways[ascending].astype(np.int64)))
    return result


def discounts(counts: NDArray[np.int64]) -> Floats:
    """What is taken from counts of 0, 1, 2, and 3 or more.

    Falls back to (0, 0.5, 1, 1.5) where the counts of counts are too thin for the estimate.
    """
    n1, n2, n3, n4 = (float((counts == times).sum()) for times in range(1, 5))
    usual = np.array([0.0, 0.5, 1.0, 1.5])
    if min(n1, n2, n3, n4) == 0:
        return usual
    share = n1 / (n1 + 2 * n2)
    exact = np.array([0.0, 1 - 2 * share * n2 / n1, 2 - 3 * share * n3 / n2, 3 - 4 * share * n4 / n3])
    sound = bool((exact[1:] > 0).all() and (exact <= np.arange(4)).all())
    return exact if sound else usual


def _unigrams(adjusted: Counts, size: int) -> Order:
    counts = np.zeros(size, np.int64)
    counts[adjusted.keys.astype(np.int64)] = adjusted.counts
    counts[BEGIN] = 0
    taken = discounts(counts)[np.minimum(counts, 3)]
    spread = taken.sum() / counts.sum() / (size - 1)
    probability = (counts - taken) / counts.sum() + spread
    log_prob = np.log(probability)
    log_prob[BEGIN] = NEVER
    return Order(np.arange(size, dtype=np.uint64), log_prob, np.zeros(size))


def _extend(lower: BackoffModel, adjusted: Counts, order: int, minimum: int) -> BackoffModel:
    below = lower.orders[-1]
    at, found = find(below.keys, history(adjusted.keys))
    keys, counts, at = adjusted.keys[found], adjusted.counts[found], at[found]
    totals = np.bincount(at, counts, len(below))
    listed = counts >= minimum
    taken = discounts(adjusted.counts)[np.minimum(counts, 3)]
    kept = np.where(listed, (counts - taken) / totals[at], 0.0)
    left = np.maximum(1.0 - np.bincount(at, kept, len(below)), 1e-9)
    continued = np.bincount(at, listed, len(below)) > 0
    backoff = np.where(continued, np.log(left), 0.0)
    shorter = np.exp(lower.log_prob(suffix(keys, order), order - 1))
    log_prob = np.log(kept[listed] + left[at[listed]] * shorter[listed])
    upper = Order(keys[listed], log_prob, np.zeros(int(listed.sum())))
    revised = Order(below.keys, below.log_prob, backoff)
    return BackoffModel(lower.vocabulary, (*lower.orders[:-1], revised, upper))

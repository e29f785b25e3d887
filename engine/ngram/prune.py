"""Entropy pruning: drop the n-grams whose absence changes the model least.

Source: Stolcke, "Entropy-based Pruning of Backoff Language Models" (DARPA Broadcast News Workshop 1998). Differs on
purpose: a history's weight is how often it was seen, not its model probability, for Kneser-Ney lower orders are
no marginals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.ngram.counts import Keys, find, history, suffix
from engine.ngram.model import BackoffModel, Floats, closed, left_over

HistoryWeight = Callable[[Keys, int], Floats]


def prune(model: BackoffModel, thresholds: Sequence[float], weight: HistoryWeight) -> BackoffModel:
    """Drop n-grams that cost less relative entropy (nats a word) than the threshold of their order.

    Args:
        thresholds: for orders 2, 3, ...
        weight: (histories, order) -> how probable each history is.
    """
    kept: list[tuple[Keys, Floats]] = []
    needed: list[Keys] = []  # histories and suffixes of longer n-grams stay listed
    for number in range(len(model.orders), 1, -1):
        level = model.orders[number - 1]
        keep = entropy_cost(model, number, weight) >= thresholds[number - 2]
        for keys in needed:
            at, found = find(level.keys, keys)
            keep[at[found]] = True
        keys = level.keys[keep]
        needed = [np.unique(history(keys)), np.unique(suffix(keys, number))]
        kept.insert(0, (keys, level.log_prob[keep]))
    unigrams = model.orders[0]
    return closed([(unigrams.keys, unigrams.log_prob), *kept], model.vocabulary)


def entropy_cost(model: BackoffModel, order: int, weight: HistoryWeight) -> Floats:
    """Relative entropy (nats a word) between the model and the model without one n-gram, for each n-gram."""
    level = model.orders[order - 1]
    lower = BackoffModel(model.vocabulary, model.orders[: order - 1])
    own, shorter = left_over(level, lower, order)
    at, _ = find(model.orders[order - 2].keys, history(level.keys))
    log_lower = lower.log_prob(suffix(level.keys, order), order - 1)
    probability = np.exp(level.log_prob)
    before = model.orders[order - 2].backoff[at]
    after = np.log(own[at] + probability) - np.log(shorter[at] + np.exp(log_lower))
    lost = probability * (log_lower + after - level.log_prob) + own[at] * (after - before)
    cost: Floats = -weight(history(level.keys), order - 1) * lost
    return cost

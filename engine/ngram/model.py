"""A back-off n-gram model as sorted arrays, and how probable it finds an n-gram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ngram.counts import Keys, find, history, look_up, suffix
from engine.ngram.vocabulary import Vocabulary

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Order:
    """The n-grams of one length: natural log probability of the last word, and log back-off weight."""

    keys: Keys  # (K,) ascending
    log_prob: Floats  # (K,)
    backoff: Floats  # (K,) log weight with which unlisted continuations back off; 0 where nothing continues

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class BackoffModel:
    """A back-off model: ``orders[n-1]`` lists the n-grams; unigrams list the whole vocabulary."""

    vocabulary: Vocabulary
    orders: tuple[Order, ...]

    def log_prob(self, keys: Keys, order: int) -> Floats:
        """Natural log probability of each n-gram's last word after its other words.

        Args:
            keys: (K,) packed n-grams.
            order: their length.
        """
        if order > len(self.orders):
            return self.log_prob(suffix(keys, order), order - 1)
        level = self.orders[order - 1]
        result = look_up(level.keys, level.log_prob, keys)
        missing = ~find(level.keys, keys)[1]
        if missing.any():
            rest = keys[missing]
            result[missing] = self.backoff(history(rest), order - 1) + self.log_prob(suffix(rest, order), order - 1)
        return result

    def backoff(self, keys: Keys, order: int) -> Floats:
        """Log back-off weight of each history; 0 for a history that is not listed."""
        level = self.orders[order - 1]
        return look_up(level.keys, level.backoff, keys)


def closed(log_probs: list[tuple[Keys, Floats]], vocabulary: Vocabulary) -> BackoffModel:
    """Give n-gram probabilities the back-off weights that make every history sum to one.

    Args:
        log_probs: keys and log probabilities for orders 1, 2, ..., each ascending.
    """
    orders: list[Order] = []
    for number, (keys, values) in enumerate(log_probs, 1):
        orders.append(Order(keys, values, np.zeros(len(keys))))
        if number == 1:
            continue
        lower = BackoffModel(vocabulary, tuple(orders[:-1]))
        below = orders[-2]
        left, left_lower = left_over(orders[-1], lower, number)
        listed = left < 1.0
        weights = np.zeros(len(below))
        weights[listed] = np.log(left[listed]) - np.log(left_lower[listed])
        orders[-2] = Order(below.keys, below.log_prob, weights)
    return BackoffModel(vocabulary, tuple(orders))


def left_over(level: Order, lower: BackoffModel, order: int) -> tuple[Floats, Floats]:
    """Mass that each history one shorter leaves to unlisted words, by its own and by the lower probabilities.

    Returns:
        (own, lower): one value for each n-gram of ``lower``'s highest order; 1 where nothing continues it.
    """
    below = lower.orders[order - 2]
    at, found = find(below.keys, history(level.keys))
    if not found.all():
        raise ValueError(f"an n-gram of order {order} has an unlisted history; keep the histories of all n-grams")
    size = len(below)
    own = np.bincount(at, np.exp(level.log_prob), size)
    shorter = np.exp(lower.log_prob(suffix(level.keys, order), order - 1))
    return np.maximum(1.0 - own, 1e-9), np.maximum(1.0 - np.bincount(at, shorter, size), 1e-9)

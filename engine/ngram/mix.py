"""Interpolation of models over one vocabulary, folded into one back-off model.

A text that finds a history likely has more to say about what follows it: with ``trust`` above 0 the weight of a model
grows with that power of the probability it gives the history.

Source: Allauzen and Riley, "Bayesian Language Model Interpolation for Mobile Speech Input" (Interspeech 2011). Differs
on purpose: the power (theirs is 1), for short histories say less about a text than their probabilities claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from engine.ngram.counts import Keys, history
from engine.ngram.model import BackoffModel, Floats, closed


def interpolate(models: Sequence[BackoffModel], weights: Sequence[float], trust: float = 0.0) -> BackoffModel:
    """Mix models: exact for every n-gram that any of them lists, backed off below that.

    Args:
        models: over the same vocabulary.
        weights: one each, adding up to one.
        trust: power of the history's probability that multiplies a model's weight; 0 keeps the weights everywhere.

    Raises:
        ValueError: vocabularies differ, or the weights do not add up to one.
    """
    if len({model.vocabulary.words for model in models}) != 1:
        raise ValueError("models can be mixed only over one vocabulary")
    if len(weights) != len(models) or abs(sum(weights) - 1.0) > 1e-9:
        raise ValueError(f"give {len(models)} weights that add up to one, got {list(weights)}")
    listed: list[tuple[Keys, Floats]] = []
    for number in range(1, max(len(model.orders) for model in models) + 1):
        every = [model.orders[number - 1].keys for model in models if number <= len(model.orders)]
        keys = reduce(np.union1d, every)
        shares = _log_shares(models, weights, trust, keys, number)
        parts = [share + model.log_prob(keys, number) for model, share in zip(models, shares, strict=True)]
        listed.append((keys, reduce(np.logaddexp, parts)))
    return closed(listed, models[0].vocabulary)


def _log_shares(
    models: Sequence[BackoffModel], weights: Sequence[float], trust: float, keys: Keys, order: int
) -> list[Floats]:
    """Log weight of every model after the history of each n-gram; the weights of a history add up to one."""
    if order == 1 or trust == 0:
        return [np.full(len(keys), np.log(weight)) for weight in weights]
    before, at = np.unique(history(keys), return_inverse=True)
    trusted = [
        np.log(weight) + trust * _chain(model, before, order - 1) for model, weight in zip(models, weights, strict=True)
    ]
    total = reduce(np.logaddexp, trusted)
    return [(one - total)[at] for one in trusted]


def _chain(model: BackoffModel, keys: Keys, order: int) -> Floats:
    """Log probability of all words of each n-gram, one after the other."""
    total = model.log_prob(keys, order)
    while order > 1:
        keys, order = history(keys), order - 1
        total = total + model.log_prob(keys, order)
    return total

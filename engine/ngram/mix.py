"""Linear interpolation of models over one vocabulary, folded into one back-off model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from engine.ngram.counts import Keys
from engine.ngram.model import BackoffModel, Floats, closed


def interpolate(models: Sequence[BackoffModel], weights: Sequence[float]) -> BackoffModel:
    """Mix models: exact for every n-gram that any of them lists, backed off below that.

    Args:
        models: over the same vocabulary and of the same order.
        weights: one each, adding up to one.

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
        parts = [np.log(weight) + model.log_prob(keys, number) for model, weight in zip(models, weights, strict=True)]
        listed.append((keys, reduce(np.logaddexp, parts)))
    return closed(listed, models[0].vocabulary)

"""How well a model foretells a text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ngram.counts import BITS, Keys
from engine.ngram.model import BackoffModel, Floats
from engine.ngram.vocabulary import BEGIN, UNKNOWN


@dataclass(frozen=True, slots=True)
class Surprise:
    """What a model missed of a text: counts that add up. Unknown words are counted apart, not foretold."""

    nats: float = 0.0
    tokens: int = 0  # known words and sentence ends
    unknown: int = 0

    def __add__(self, other: Surprise) -> Surprise:
        return Surprise(self.nats + other.nats, self.tokens + other.tokens, self.unknown + other.unknown)

    @property
    def perplexity(self) -> float | None:
        """Of a token; None for an empty text."""
        return math.exp(self.nats / self.tokens) if self.tokens else None


def token_scores(model: BackoffModel, stream: NDArray[np.uint16]) -> Floats:
    """Natural log probability of every token of an encoded text; 0 for begin marks.

    Args:
        stream: (N,) word numbers from ``Vocabulary.encode``.
    """
    result = np.zeros(len(stream))
    for order, keys, places in n_grams(stream, len(model.orders)):
        result[places] = model.log_prob(keys, order)
    return result


def foretold(stream: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Which tokens count: known words and sentence ends."""
    counted: NDArray[np.bool_] = (stream != BEGIN) & (stream != UNKNOWN)
    return counted


def surprise(scores: Floats, stream: NDArray[np.uint16]) -> Surprise:
    """Add up what a model (or a mixture of models) gave a text.

    Args:
        scores: (N,) natural log probabilities, from ``token_scores`` or mixed from several.
        stream: (N,) the text.
    """
    counted = foretold(stream)
    return Surprise(float(-scores[counted].sum()), int(counted.sum()), int((stream == UNKNOWN).sum()))


def n_grams(stream: NDArray[np.uint16], longest: int) -> Iterator[tuple[int, Keys, NDArray[np.intp]]]:
    """Every token with as much history as its sentence and the model have: order, packed n-grams, places."""
    places = np.arange(len(stream))
    begins = np.maximum.accumulate(np.where(stream == BEGIN, places, 0))
    lengths = np.minimum(places - begins + 1, longest)
    lengths[stream == BEGIN] = 0
    for order in range(1, longest + 1):
        chosen = np.flatnonzero(lengths == order)
        keys = np.zeros(len(chosen), np.uint64)
        for back in range(order - 1, -1, -1):
            keys = (keys << BITS) | stream[chosen - back].astype(np.uint64)
        yield order, keys, chosen

"""A vocabulary of four words, and what every model over it must hold."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from engine.ngram.model import BackoffModel
from engine.ngram.vocabulary import BEGIN, END, UNKNOWN, Vocabulary

WORDS = ["a", "b", "c", "d"]
VOCABULARY = Vocabulary.of(WORDS)


def packed(*numbers: int) -> np.ndarray:
    key = 0
    for number in numbers:
        key = key << 16 | number
    return np.array([key], np.uint64)


def probability(model: BackoffModel, *numbers: int) -> float:
    return math.exp(model.log_prob(packed(*numbers), len(numbers))[0])


def sums_to_one(model: BackoffModel) -> None:
    everything = [UNKNOWN, *range(END, len(VOCABULARY))]
    for before in [(BEGIN, 3), (3, 4), (5, 6), (0, 3), (3, 0)]:
        total = sum(probability(model, *before, word) for word in everything)
        assert total == pytest.approx(1.0, abs=1e-9)


@pytest.fixture(scope="session")
def small() -> SimpleNamespace:
    return SimpleNamespace(words=WORDS, vocabulary=VOCABULARY, probability=probability, sums_to_one=sums_to_one)

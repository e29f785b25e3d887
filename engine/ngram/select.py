"""Choosing from a large text the sentences that most resemble a small one.

Source: Moore and Lewis, "Intelligent Selection of Language Model Training Data" (ACL 2010), with bigrams; the small
text's model is mixed with the large one's, for it knows few words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.ngram.counts import BITS
from engine.ngram.kneser_ney import estimate
from engine.ngram.model import BackoffModel, Floats
from engine.ngram.vocabulary import BEGIN, UNKNOWN, Vocabulary

MIXED = 0.7  # share of the small text's model


def select(
    large: NDArray[np.uint16], small: NDArray[np.uint16], vocabulary: Vocabulary, share: float
) -> NDArray[np.uint16]:
    """Give the sentences of a large encoded text that gain most, a word, by a small text's model.

    Args:
        large: (N,) word numbers from ``Vocabulary.encode``.
        small: (M,) the text to resemble.
        share: of the large text's words to keep, up to the end of the last sentence.

    Returns:
        (K,) the chosen sentences in their old order.
    """
    general, special = (_next_word(estimate(text, vocabulary, 2, (1, 1)), large) for text in (large, small))
    gain = np.logaddexp(np.log(MIXED) + special, np.log(1 - MIXED) + general) - general
    counted = (large != BEGIN) & (large != UNKNOWN)
    sentence = np.cumsum(large == BEGIN) - 1
    words = np.bincount(sentence, counted)
    mean = np.bincount(sentence, np.where(counted, gain, 0.0)) / np.maximum(words, 1)
    best_first = np.argsort(-mean, kind="stable")
    before = np.cumsum(words[best_first]) - words[best_first]
    kept = np.zeros(len(words), np.bool_)
    kept[best_first[before < share * words.sum()]] = True
    chosen: NDArray[np.uint16] = large[kept[sentence]]
    return chosen


def _next_word(model: BackoffModel, stream: NDArray[np.uint16]) -> Floats:
    """Log probability of each word after the one before it; 0 for the first."""
    result = np.zeros(len(stream))
    result[1:] = model.log_prob((stream[:-1].astype(np.uint64) << BITS) | stream[1:].astype(np.uint64), 2)
    return result

"""Encoded texts, and batches of histories drawn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ngram.perplexity import foretold
from engine.ngram.vocabulary import BEGIN

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class EncodedText:
    """A text as word numbers, and where the history of each token begins."""

    stream: NDArray[np.uint16]  # (N,) from ``Vocabulary.encode``
    begins: NDArray[np.int32]  # (N,) place of the sentence's begin mark
    tokens: NDArray[np.int32]  # (T,) places of the known words and sentence ends

    @classmethod
    def of(cls, stream: NDArray[np.uint16]) -> EncodedText:
        """Index an encoded text."""
        places = np.arange(len(stream), dtype=np.int32)
        begins = np.maximum.accumulate(np.where(stream == BEGIN, places, 0)).astype(np.int32)
        return cls(stream, begins, np.flatnonzero(foretold(stream)).astype(np.int32))

    def at(self, places: NDArray[np.int32], context: int) -> tuple[Numbers, Numbers]:
        """Histories (n, context), begin marks before a sentence's first word, and the words (n,) after them."""
        back = places[:, None] - np.arange(context, 0, -1, dtype=np.int32)
        return (
            self.stream[np.maximum(back, self.begins[places][:, None])].astype(np.int64),
            self.stream[places].astype(np.int64),
        )


def draw(
    texts: Sequence[EncodedText], shares: Sequence[float], context: int, amount: int, rng: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """Draw tokens at random, from each text its share.

    Args:
        shares: of the batch, one each, adding up to one.
        amount: size of the batch.
        rng: decides everything.

    Returns:
        histories (amount, context) and the words (amount,) after them.
    """
    amounts = rng.multinomial(amount, shares)
    parts = [
        text.at(text.tokens[rng.integers(0, len(text.tokens), count)], context)
        for text, count in zip(texts, amounts, strict=True)
    ]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def unigram(texts: Sequence[EncodedText], shares: Sequence[float], size: int) -> NDArray[np.float64]:
    """How probable each word is in the mixture (size,); every word a little."""
    total = np.full(size, 1e-7)
    for text, share in zip(texts, shares, strict=True):
        total += share * np.bincount(text.stream[text.tokens], minlength=size) / len(text.tokens)
    chance: NDArray[np.float64] = total / total.sum()
    return chance

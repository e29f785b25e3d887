"""Counting n-grams: every n-gram is one 64-bit key, 16 bits a word, the last word lowest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.ngram.vocabulary import BEGIN, END

Keys = NDArray[np.uint64]
BITS = np.uint64(16)
Number = TypeVar("Number", np.float64, np.int64)


@dataclass(frozen=True)
class Counts:
    """Distinct n-grams of one order, sorted, with how often each was seen."""

    keys: Keys  # (K,) ascending
    counts: NDArray[np.int64]  # (K,)


def history(keys: Keys) -> Keys:
    """All words but the last."""
    return keys >> BITS


def suffix(keys: Keys, order: int) -> Keys:
    """All words but the first."""
    return keys & np.uint64((1 << 16 * (order - 1)) - 1)


def first_word(keys: Keys, order: int) -> Keys:
    """The oldest word."""
    return keys >> np.uint64(16 * (order - 1))


def find(keys: Keys, wanted: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each wanted key stands in ascending keys, and whether it does."""
    if not len(keys):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return at, keys[at] == wanted


def look_up(keys: Keys, values: NDArray[Number], wanted: Keys) -> NDArray[Number]:
    """The value of each wanted key, 0 for a key that is not there."""
    result = np.zeros(len(wanted), values.dtype)
    at, found = find(keys, wanted)
    result[found] = values[at[found]]
    return result


def count(stream: NDArray[np.uint16], order: int) -> Counts:
    """Count the n-grams of an encoded text; none crosses the end of a sentence.

    Args:
        stream: (N,) word numbers with sentence marks, from ``Vocabulary.encode``.
        order: words in an n-gram, 1 to 4.
    """
    length = max(len(stream) - order + 1, 0)
    packed = np.zeros(length, np.uint64)
    whole = np.ones(length, np.bool_)
    for position in range(order):
        part = stream[position : position + length]
        packed = (packed << BITS) | part.astype(np.uint64)
        if position < order - 1:
            whole &= part != END
        if position > 0:
            whole &= part != BEGIN
    keys, counts = np.unique(packed[whole], return_counts=True)
    return Counts(keys, counts.astype(np.int64))

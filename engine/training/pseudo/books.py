"""Running text spelt in phones, so that a recording can be searched for in it."""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.alphabet import words_in
from engine.phones import Lexicon
from engine.training.pseudo.spelling import spell

_PIECE = 1 << 20  # words spelt at a time, which bounds the memory that spelling takes


@dataclass(frozen=True, slots=True)
class Books:
    """A text as numbers.

    Attributes:
        vocabulary: its different words, lower case.
        words: (W,) int32 places in the vocabulary.
        phones: (P,) uint8 phones of all words, one after another; words outside the lexicon have none.
        offsets: (W + 1,) int64 first phone of each word.
    """

    vocabulary: tuple[str, ...]
    words: npt.NDArray[np.int32]
    phones: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]

    def text(self, first: int, last: int) -> str:
        """Join the words from one to another (exclusive)."""
        return " ".join(self.vocabulary[number] for number in self.words[first:last])

    def word_at(self, phone: int) -> int:
        """Give the word that a phone belongs to."""
        return int(np.searchsorted(self.offsets, phone, side="right")) - 1


def read_books(path: Path) -> Iterable[str]:
    """Give the lines of a text file, packed by xz or not."""
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        yield from lines


def spell_books(lines: Iterable[str], lexicon: Lexicon) -> Books:
    """Number and spell a text by the first pronunciation of every word."""
    known: dict[str, int] = {}
    written: dict[str, list[int]] = {}  # the words of what stands between blanks
    numbers: list[npt.NDArray[np.int32]] = []
    for line in lines:
        said: list[int] = []
        for part in line.split():
            if part not in written:
                written[part] = [known.setdefault(word, len(known)) for word in words_in(part)]
            said += written[part]
        numbers.append(np.array(said, np.int32))
    words = np.concatenate(numbers) if numbers else np.zeros(0, np.int32)
    spelt = [np.asarray(spell([word], lexicon) or (), np.uint8) for word in known]
    phones, offsets = _join(words, spelt)
    return Books(tuple(known), words, phones, offsets)


def _join(
    words: npt.NDArray[np.int32], spelt: list[npt.NDArray[np.uint8]]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Put the spellings of running words end to end."""
    lengths = np.array([len(one) for one in spelt], np.int64)
    flat = np.concatenate([np.zeros(0, np.uint8), *spelt])
    places = np.cumsum(lengths) - lengths
    offsets = np.concatenate([[0], np.cumsum(lengths[words])])
    phones = np.zeros(offsets[-1], np.uint8)
    for first in range(0, len(words), _PIECE):
        piece = words[first : first + _PIECE]
        start, end = offsets[first], offsets[first + len(piece)]
        shift = places[piece] - (offsets[first : first + len(piece)] - start)
        phones[start:end] = flat[np.repeat(shift, lengths[piece]) + np.arange(end - start)]
    return phones, offsets

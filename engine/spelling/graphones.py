"""Graphones: a letter with the phones it stands for, the units of the joint-sequence model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.phones import TOKENS

ALPHABET = "abcdefghijklmnopqrstuvwxyz'"  # letters are numbered from 1
PHONE_BASE = len(TOKENS)
SOUNDS = PHONE_BASE * PHONE_BASE  # a sound is first phone * PHONE_BASE + second, or the only phone, or 0 for silence
BEGIN, END = 0, 1  # symbols before the graphones
_NUMBERS = {letter: number for number, letter in enumerate(ALPHABET, 1)}

Numbers = NDArray[np.int64]


def encode_letters(word: str) -> Numbers:
    """Number the letters of a word.

    Raises:
        ValueError: a sign is neither a to z nor an apostrophe.
    """
    try:
        return np.array([_NUMBERS[letter] for letter in word], np.int64)
    except KeyError as unknown:
        raise ValueError(f"{unknown.args[0]!r} in {word!r} is no letter; use a to z and the apostrophe") from None


@dataclass(frozen=True)
class Graphones:
    """The graphones of a model; symbol s >= 2 is graphone s - 2, ascending by letter."""

    codes: Numbers  # (G,) letter * SOUNDS + sound, ascending

    @classmethod
    def of(cls, codes: Iterable[int]) -> Graphones:
        """Collect distinct graphones."""
        return cls(np.array(sorted(set(codes)), np.int64))

    def __len__(self) -> int:
        """How many symbols there are, the two marks included."""
        return len(self.codes) + 2

    @property
    def sounds(self) -> Numbers:
        """(symbols,) the sound of every symbol; 0 for the marks."""
        return np.concatenate([np.zeros(2, np.int64), self.codes % SOUNDS])

    def ranges(self) -> Numbers:
        """First symbol of every letter number and of the one after the last: a letter's symbols are a range."""
        return np.searchsorted(self.codes // SOUNDS, np.arange(len(ALPHABET) + 2)).astype(np.int64) + 2

    def symbols(self, codes: Numbers) -> Numbers:
        """The symbols of graphones that are all known."""
        return np.searchsorted(self.codes, codes).astype(np.int64) + 2

    def phones(self, symbols: Sequence[int]) -> tuple[int, ...]:
        """The phones that symbols stand for, one after another."""
        said: list[int] = []
        for symbol in symbols:
            said.extend(phone for phone in divmod(int(self.codes[symbol - 2] % SOUNDS), PHONE_BASE) if phone)
        return tuple(said)

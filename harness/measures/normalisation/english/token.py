"""A word on its way through the rules, with the place it came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Token(NamedTuple):
    """One word and the position of the source word that it, or the first part of it, came from."""

    word: str
    place: int


def tokens_of(words: Iterable[str]) -> list[Token]:
    """Words whose places do not matter."""
    return [tuple.__new__(Token, (word, 0)) for word in words]


def figure(word: str) -> bool:
    """Whether the word is written in ASCII digits."""
    return word.isdigit() and word.isascii()

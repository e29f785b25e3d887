"""A word on its way through the rules, with the place it came from."""

from __future__ import annotations

from typing import NamedTuple


class Token(NamedTuple):
    """One word and the position of the source word that it, or the first part of it, came from."""

    word: str
    place: int


def figure(word: str) -> bool:
    """Whether the word is written in ASCII digits."""
    return word.isdigit() and word.isascii()

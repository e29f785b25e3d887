"""Text folded so that only words differ: case, width, punctuation and layout are gone, letters keep their marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_APOSTROPHES = dict.fromkeys("\u2019\u2018\u02bc\u0060\u00b4\uff07", "'")
_JOINERS = "\u200c\u200d"  # zero-width (non-)joiner: spelling in Persian and Indic scripts, not layout
_EDGE_APOSTROPHE = re.compile(r"''+|(?<!\S)'|'(?!\S)")
_LONGEST, _MOST = 48, 1 << 16  # what a memory keeps: longest chunk, most chunks

RULES = (
    "drop Cf but ZWJ ZWNJ; unify apostrophes; NFKC; casefold; NFKC; all but L M N and apostrophes becomes a space;"
    " runs of apostrophes and apostrophes at word edges become a space; split at white space"
)


class _Plain(dict[int, str]):
    """A translation table that decides on each character once: punctuation and symbols become a space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        keep = character == "'" or kind[0] in "LMN" or character in _JOINERS
        self[code] = character if keep else " "
        return self[code]


class _Formats(dict[int, str | None]):
    """A translation table that drops invisible format characters and unifies apostrophes."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        hidden = unicodedata.category(character) == "Cf" and character not in _JOINERS
        self[code] = None if hidden else _APOSTROPHES.get(character, character)
        return self[code]


_PLAIN, _FORMATS = _Plain(), _Formats()


class Memory(dict[str, tuple[str, ...]]):
    """What a rule makes of each chunk of text between white space, remembered for the chunks that come again."""

    def __init__(self, rule: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        words = self._rule(chunk)
        if len(chunk) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[chunk] = words
        return words


def fold(text: str) -> str:
    """Case, width and apostrophes made alike, invisible characters dropped; punctuation stays.

    Source: the order of Unicode's NFKC_Casefold; folding can undo composition, so it is composed again.
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    visible = text.translate(_FORMATS)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold()).translate(_FORMATS)


def plain_words(folded: str) -> tuple[str, ...]:
    """The words of folded text: all that is no letter, mark, digit or inner apostrophe separates them."""
    plain = folded.translate(_PLAIN)
    return tuple((_EDGE_APOSTROPHE.sub(" ", plain) if "'" in plain else plain).split())


_BASIC = Memory(lambda chunk: plain_words(fold(chunk)))


def basic(text: str) -> tuple[str, ...]:
    """The words of any text, folded."""
    words: list[str] = []
    for chunk in text.split():
        words += _BASIC[chunk]
    return tuple(words)

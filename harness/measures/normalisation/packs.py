"""Text normalisation as versioned rule packs, each with an id and the hash of its rules.

Both sides of every score pass through the same pack. Every pack is idempotent, looks at one side only, and leaves
combining marks on their letters (many scripts write vowels with them; a pack that strips or splits at marks lowers word
error rates artificially, see docs/measures.md).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.measures.normalisation import english

_APOSTROPHES = dict.fromkeys("\u2019\u2018\u02bc\u0060\u00b4\uff07", "'")
_JOINERS = "\u200c\u200d"  # zero-width (non-)joiner: spelling in Persian and Indic scripts, not layout
_EDGE_APOSTROPHE = re.compile(r"''+|(?<!\S)'|'(?!\S)")


@dataclass(frozen=True, slots=True)
class Normaliser:
    """A rule pack: text in, words out."""

    id: str  # name and version, e.g. "english-1"
    rules: str  # the rules as text: what the hash is taken over
    split: Callable[[str], tuple[str, ...]]

    @property
    def hash(self) -> str:
        """First 8 hexadecimal digits of the SHA-256 of the rules."""
        return hashlib.sha256(self.rules.encode()).hexdigest()[:8]

    @property
    def signature(self) -> str:
        return f"{self.id}#{self.hash}"


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


def _fold(text: str) -> str:
    # The order of Unicode's NFKC_Casefold; folding can undo composition, so it is composed again.
    visible = text.translate(_FORMATS)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold()).translate(_FORMATS)


def _basic(text: str) -> tuple[str, ...]:
    plain = text.lower() if text.isascii() else _fold(text)
    return tuple(_EDGE_APOSTROPHE.sub(" ", plain.translate(_PLAIN)).split())


def _english(text: str) -> tuple[str, ...]:
    for symbol, spoken in english.SYMBOLS.items():
        text = text.replace(symbol, spoken)
    words: list[str] = []
    for word in _basic(text):
        words.extend(english.expand(word))
    return tuple(words)


_BASIC_RULES = (
    "drop Cf but ZWJ ZWNJ; unify apostrophes; NFKC; casefold; NFKC; all but L M N and apostrophes becomes a space;"
    " runs of apostrophes and apostrophes at word edges become a space; split at white space"
)

PACKS: Mapping[str, Normaliser] = MappingProxyType(
    {
        "none": Normaliser("none-1", "split at white space", lambda text: tuple(text.split())),
        "basic": Normaliser("basic-1", _BASIC_RULES, _basic),
        "english-1": Normaliser("english-1", _BASIC_RULES + english.rules_as_text(), _english),
    }
)


def normaliser(name: str) -> Normaliser:
    """The pack called ``name``, by short name or full id.

    Raises:
        KeyError: there is none of that name; the message lists those there are.
    """
    for key, pack in PACKS.items():
        if name in (key, pack.id):
            return pack
    raise KeyError(f"no normaliser {name!r}; there are: {', '.join(PACKS)}")

"""The acoustic alphabet: a blank and the 39 stress-less ARPAbet phones, and how words are spelt in it."""

from __future__ import annotations

import lzma
import re
from collections.abc import Mapping
from pathlib import Path

BLANK = "<blk>"
_ARPABET = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
PHONES = tuple(_ARPABET.split())
TOKENS = (BLANK, *PHONES)
FRAME_SHIFT_MS = 40

_INDEX = {token: index for index, token in enumerate(TOKENS)}
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*'?")

Lexicon = Mapping[str, tuple[tuple[int, ...], ...]]


def token_ids(pronunciation: str) -> tuple[int, ...]:
    """Give the token numbers of an ARPAbet spelling, ignoring its stress digits.

    Args:
        pronunciation: phones separated by blanks, such as ``"HH AH0 L OW1"``.

    Raises:
        ValueError: a phone is not one of the 39.
    """
    try:
        return tuple(_INDEX[phone.rstrip("012")] for phone in pronunciation.split())
    except KeyError as unknown:
        raise ValueError(
            f"{unknown.args[0]} in pronunciation {pronunciation!r} is not an ARPAbet phone; use one of {_ARPABET}"
        ) from None


def read_lexicon(path: Path) -> dict[str, tuple[tuple[int, ...], ...]]:
    """Read a pronouncing dictionary in the format of CMUdict (optionally .xz), variants in file order.

    Args:
        path: the dictionary; ``word(2)`` marks a variant and ``#`` starts a comment.
    """
    packed = path.read_bytes()
    text = (lzma.decompress(packed) if path.suffix == ".xz" else packed).decode("utf-8")
    lexicon: dict[str, tuple[tuple[int, ...], ...]] = {}
    for line in text.splitlines():
        word, _, rest = line.partition("#")[0].strip().partition(" ")
        if word and rest:
            key = word.partition("(")[0].lower()
            lexicon[key] = (*lexicon.get(key, ()), token_ids(rest))
    return lexicon


def words_of(text: str) -> list[str]:
    """Split a transcript into lower-case words, without punctuation and with hyphens as spaces."""
    return _WORD.findall(text.lower().replace("\u2019", "'"))


def first_pronunciation(text: str, lexicon: Lexicon) -> tuple[int, ...] | None:
    """Spell a transcript by the first pronunciation of every word; None if the lexicon lacks one of them."""
    spelt: list[int] = []
    for word in words_of(text):
        variants = lexicon.get(word) or lexicon.get(word.strip("'"))
        if not variants:
            return None
        spelt.extend(variants[0])
    return tuple(spelt)

"""The tokens of one language: a blank and the phones of its lexicon. English has its own fixed list (``phones``)."""

from __future__ import annotations

import lzma
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import ModelError
from engine.phones import BLANK, TOKENS

_STRESS = "012"


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What a phone head tells apart; the token of number 0 is the blank."""

    tokens: tuple[str, ...]

    def ids(self, pronunciation: str) -> tuple[int, ...]:
        """Give the token numbers of a pronunciation; a stress digit that is no part of a phone is passed over.

        Args:
            pronunciation: phones separated by blanks.

        Raises:
            ValueError: a phone is not in this alphabet.
        """
        index = _index(self.tokens)
        try:
            return tuple(
                index[phone] if phone in index else index[phone.rstrip(_STRESS)] for phone in pronunciation.split()
            )
        except KeyError as unknown:
            raise ValueError(
                f"{unknown.args[0]} in pronunciation {pronunciation!r} is not one of {' '.join(self.tokens[1:])}"
            ) from None


@cache
def _index(tokens: tuple[str, ...]) -> dict[str, int]:
    return {token: number for number, token in enumerate(tokens) if number}


ENGLISH = Alphabet(TOKENS)


def pronunciations(path: Path) -> list[tuple[str, str]]:
    """Read the lines of a pronouncing dictionary: lower-case word and pronunciation, variants in file order.

    Args:
        path: a line is a word and its phones; ``word(2)`` marks a variant, ``#`` (or ``;;;``) starts a comment;
            optionally .xz.

    Raises:
        ModelError: it cannot be read, or has no line.
    """
    try:
        packed = path.read_bytes()
        text = (lzma.decompress(packed) if path.suffix == ".xz" else packed).decode("utf-8")
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as wrong:
        raise ModelError(str(path), f"cannot be read as a lexicon ({wrong})") from None
    found = []
    for line in text.splitlines():
        word, *phones = line.partition("#")[0].partition(";;;")[0].split() or [""]
        if phones:
            found.append((word.partition("(")[0].lower(), " ".join(phones)))
    if not found:
        raise ModelError(str(path), "no pronunciation in it; a line is a word and its phones, such as 'cat K AE T'")
    return found


def alphabet_of(path: Path) -> Alphabet:
    """Give the alphabet of a lexicon: English if it needs no other phones, else its own phones, sorted."""
    phones = {phone for _, spelt in pronunciations(path) for phone in spelt.split()}
    if all(phone.rstrip(_STRESS) in TOKENS[1:] for phone in phones):
        return ENGLISH
    return Alphabet((BLANK, *sorted(phones)))


def read_lexicon(path: Path, alphabet: Alphabet) -> dict[str, tuple[tuple[int, ...], ...]]:
    """Read a pronouncing dictionary as token numbers, variants in file order.

    Raises:
        ModelError: it cannot be read, or a phone is not in the alphabet.
    """
    lexicon: dict[str, tuple[tuple[int, ...], ...]] = {}
    for word, spelt in pronunciations(path):
        try:
            lexicon[word] = (*lexicon.get(word, ()), alphabet.ids(spelt))
        except ValueError as wrong:
            raise ModelError(str(path), f"word {word!r}: {wrong}") from None
    return lexicon


def words_in(text: str) -> list[str]:
    """Split a transcript of any script into lower-case words: runs of letters and marks, apostrophes within kept."""
    kept = "".join(sign if _spells(sign) else " " for sign in text.lower().replace("\u2019", "'"))
    return [word for piece in kept.split() if (word := piece.lstrip("'"))]


def _spells(sign: str) -> bool:
    return sign == "'" or unicodedata.category(sign)[0] in "LM"

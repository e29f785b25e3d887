"""The grapheme alphabet of the auxiliary head: a blank, the space between words, a to z and the apostrophe."""

from __future__ import annotations

import unicodedata

from engine.phones import BLANK, words_of

WORD_SPACE = " "
LETTERS = (BLANK, WORD_SPACE, *"abcdefghijklmnopqrstuvwxyz", "'")

# Letters that Unicode does not take apart into a base letter and a mark.
_LIGATURES = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "ı": "i"}
)
_INDEX = {letter: index for index, letter in enumerate(LETTERS)}


def plain_letters(text: str) -> str:
    """Fold case, accents, ligatures and curly apostrophes away; what has no Latin base letter stays as it is."""
    apart = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'").translate(_LIGATURES))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def letters_of(text: str) -> tuple[int, ...]:
    """Spell a transcript as token numbers of ``LETTERS``: its words, one space between two; empty for no words.

    Words are those of ``words_of`` (punctuation and digits fall out, a hyphen parts words), accents folded.
    """
    return tuple(_INDEX[sign] for sign in WORD_SPACE.join(words_of(plain_letters(text))))

"""The grapheme alphabet of the auxiliary head: a blank, the space between words, a to z and the apostrophe."""

from __future__ import annotations

import unicodedata

from engine.phones import BLANK, words_of

WORD_SPACE = " "
LETTERS = (BLANK, WORD_SPACE, *"abcdefghijklmnopqrstuvwxyz", "'")

# Letters that Unicode does not take apart into a base letter and a mark.
_LIGATURES = {"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "ı": "i"}
_PLAIN = str.maketrans({**{big.upper(): plain.upper() for big, plain in _LIGATURES.items() if big not in "ßı"},
                        **_LIGATURES, "\u2019": "'"})  # fmt: skip
_INDEX = {letter: index for index, letter in enumerate(LETTERS)}


def plain_letters(text: str, *, keep_case: bool = False) -> str:
    """Fold case, accents, ligatures and curly apostrophes away; what has no Latin base letter stays as it is."""
    if text.isascii():
        return text if keep_case else text.lower()
    apart = unicodedata.normalize("NFKD", (text if keep_case else text.lower()).translate(_PLAIN))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def letters_of(text: str) -> tuple[int, ...]:
    """Spell a transcript as token numbers of ``LETTERS``: its words, one space between two; empty for no words.

    Words are those of ``words_of`` (punctuation and digits fall out, a hyphen parts words), accents folded.
    """
    return tuple(_INDEX[sign] for sign in WORD_SPACE.join(words_of(plain_letters(text))))

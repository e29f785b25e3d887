"""How written forms are said: numbers, abbreviations, signs and accented words as words of plain letters."""

from __future__ import annotations

import re

from engine.ngram.spoken import ONES, cardinal, ordinal, year
from engine.spelling.graphemes import plain_letters

Reading = tuple[str, ...]  # words of a to z and the apostrophe; "b." is the name of the letter b
SIGNS = {"&": "and", "%": "percent", "@": "at", "+": "plus", "=": "equals", "#": "number"}
_TOKEN = re.compile(
    r"""(?P<dotted>(?:[^\W\d_]\.)+[^\W\d_]?(?![^\W\d_]))     # a.m.  u.s
      | (?P<rank>\d+(?:,\d{3})*)(?:st|nd|rd|th)(?![^\W\d_])  # 21st
      | (?P<number>\d+(?:,\d{3})*(?:\.\d+)?)                 # 42  1,000  3.5
      | (?P<word>(?:[^\W\d_]|')+)
      | (?P<sign>[&%@+=\#])
      | [\s\-_./,:;!?()"\u2010-\u2015]+                      # these only part words
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_SYLLABLE = re.compile("[aeiouy]")
_MOST_LETTERS = 5  # an abbreviation in capitals has no more


def readings(text: str) -> tuple[Reading, ...]:
    """Give the ways to say a written word or phrase, the likelier first.

    Raises:
        ValueError: nothing in it can be said, or it holds a sign of another script.
    """
    lower = text.lower()
    if text.isascii() and text.isalpha() and text[1:].islower() and _SYLLABLE.search(lower):
        return ((lower,),)  # nearly every word, and nearly every name
    ways: list[Reading] = [()]
    for token in _TOKEN.finditer(plain_letters(text, keep_case=True)):
        said = _ways(token, text)
        ways = [(*way, *more) for more in said for way in ways]
    ways = [way for way in dict.fromkeys(ways) if way]
    if not ways:
        raise ValueError(f"{text!r} holds nothing to say; give a word or a number")
    return tuple(ways)


def _ways(token: re.Match[str], text: str) -> tuple[Reading, ...]:
    kind, said = token.lastgroup, token.group(token.lastgroup or 0)
    if kind == "dotted":
        return (_names(said.lower().replace(".", "")),)
    if kind == "rank":
        return (_rank(said.replace(",", "")),)
    if kind == "number":
        return _number(said)
    if kind == "word":
        return _word(said, text)
    if kind == "sign":
        return ((SIGNS[said],),)
    if kind == "other":
        raise ValueError(
            f"{said!r} in {text!r} cannot be said; use Latin letters, numbers, or the signs {' '.join(SIGNS)}"
        )
    return ((),)


def _word(word: str, text: str) -> tuple[Reading, ...]:
    lower = word.lower()
    foreign = re.search(r"[^a-z']", lower)
    if foreign:
        raise ValueError(f"{foreign.group()!r} in {text!r} is no Latin letter; write it as it is said, in a to z")
    if not lower.strip("'"):
        return ((),)
    owner = re.sub(r"'s?$|(?<=[A-Z])s$", "", word)
    tail = "'s" if len(owner) < len(word) and word.endswith("s") else ""
    if owner.strip("'") and not _SYLLABLE.search(owner.lower()):  # no syllable: said by its letters
        return (_names(owner.lower(), tail),)
    if 1 < len(owner) <= _MOST_LETTERS and owner.isupper():
        return ((lower if word.isupper() else owner.lower() + tail,), _names(owner.lower(), tail))
    return ((lower,),)


def _names(letters: str, tail: str = "") -> Reading:
    names = [f"{letter}." for letter in letters if letter != "'"]
    return (*names[:-1], names[-1] + tail) if names else ()


def _number(written: str) -> tuple[Reading, ...]:
    whole, _, fraction = written.replace(",", "").partition(".")
    if fraction:
        return ((*_number(whole)[0], "point", *_digits(fraction)),)
    if len(whole) > 9 or (whole[0] == "0" and len(whole) > 1):
        return (_digits(whole),)
    counted = tuple(cardinal(int(whole)).split())
    if len(whole) == 4 and "," not in written and 1100 <= int(whole) < 2100:
        return tuple(dict.fromkeys((tuple(year(int(whole)).split()), counted)))
    return (counted,)


def _rank(whole: str) -> Reading:
    return tuple(ordinal(int(whole)).split()) if 0 < int(whole) < 10**9 else _digits(whole)


def _digits(digits: str) -> Reading:
    return tuple(ONES[int(digit)] for digit in digits)

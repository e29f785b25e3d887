"""What is put right before numbers are read: the order of what is written, and words that are said and not written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from harness.measures.normalisation.english import quantities
from harness.measures.normalisation.english.cardinals import Words, one, starts_number
from harness.measures.normalisation.english.clock_times import time_phrase
from harness.measures.normalisation.english.number_words import LARGE, OH, PARTS, REPEATS, TEENS, TENS, UNITS
from harness.measures.normalisation.english.numbers import read_number
from harness.measures.normalisation.english.saying import said
from harness.measures.normalisation.english.token import Token, figure

_LONGEST_NUMBER = 24  # words that tell whether it begins with a hundred, a thousand ...
_LONGEST_START = 8  # words that tell whether a number starts
_POINTED = re.compile(r"([0-9]*0|[0-9]{2,})([0-9](?:st|nd|rd|th))")
_ALONE = {"½": ("half",), "¼": ("one", "quarter"), "¾": ("three", "quarters")}
AMOUNTS = frozenset({*UNITS, *TEENS, *TENS, *LARGE})
_REORDERED = frozenset({*quantities.SIGNS, *_ALONE, *REPEATS, "dash", "point"})


def prepared(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens in the order in which they are said, and without those that only one of writing and saying has."""
    if any(token.word in _REORDERED for token in tokens):
        tokens = _repeated(_lone_fractions(_dashed(quantities.said_order(tokens))))
    return _without_article(tokens)


def _without_article(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without an "a" before a hundred, a thousand and so on in digits, for "a hundred" has none either."""
    if not any(first.word == "a" and (_amount(then.word) or then.word == "a") for first, then in pairwise(tokens)):
        return tokens
    words, kept = Words(tokens), list[Token]()
    for at in range(len(tokens) - 1, -1, -1):
        number = None
        if words[at] == "a":
            behind = Words(kept[: -_LONGEST_NUMBER - 1 : -1])
            number = read_number(behind, 0) if _amount(behind[0]) or one(behind, 0) else None
        if number is None or number.whole.digits[:1] != ["1"] or len(number.whole.digits) < 3:
            kept.append(tokens[at])
    return kept[::-1]


def _dashed(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without a "dash" that is said beside a number, for a hyphen is not."""
    if not any(token.word == "dash" for token in tokens):
        return list(tokens)
    lefts = [""]  # the last word before each that is no dash
    for token in tokens:
        lefts.append(lefts[-1] if token.word == "dash" else token.word)
    kept: list[Token] = []
    for at in range(len(tokens) - 1, -1, -1):
        if tokens[at].word != "dash":
            kept.append(tokens[at])
            continue
        behind = Words(kept[: -_LONGEST_START - 1 : -1])
        before = lefts[at]
        number = behind[0] in PARTS or behind[0][:1].isdigit() or behind[0] in (*_ALONE, "half", "quarter")
        number = number or (behind[0] == "a" and (_amount(behind[1]) or behind[1] == "a"))
        beside = number or before == "o'clock" or _amount(before)
        if not (beside or starts_number(behind, 0) or time_phrase(behind, 0)):
            kept.append(tokens[at])
    return kept[::-1]


def _repeated(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with "double" and "triple" as the digits that they stand for: "double oh seven" is 007."""
    if not any(token.word in REPEATS for token in tokens):
        return list(tokens)
    reverse: list[Token] = []
    for token in reversed(tokens):
        digit = _first_digit(reverse[: -_LONGEST_NUMBER - 1 : -1]) if token.word in REPEATS else None
        if digit is None:
            reverse.append(token)
            continue
        if reverse[-1].word in OH:
            reverse[-1] = Token(digit, reverse[-1].place)
        reverse += [Token(digit, token.place)] * (REPEATS[token.word] - 1)
    return reverse[::-1]


def _first_digit(tokens: Sequence[Token]) -> str | None:
    """The digit that the spelt out form of these words begins with; None where it begins with no digit."""
    words = Words(tokens)
    if words[0] in OH:
        return "0"
    number = read_number(words, 0)
    spelt = [] if number is None else said(words, number)
    return UNITS.get(spelt[0].word) if spelt else None


def _lone_fractions(tokens: Sequence[Token]) -> list[Token]:
    """Written fractions as words, but those of the number before them ("5 ½"); the figures of "point 101st" apart."""
    out: list[Token] = []
    for token in tokens:
        if token.word not in _ALONE and not token.word[0].isdigit():
            out.append(token)
            continue
        before = [t.word for t in out[-2:]]
        near = before[-1:] if before[-1:] != ["and"] else before[:1]
        joined = bool(near) and _amount(near[0])
        written = _POINTED.fullmatch(token.word) if before[-1:] == ["point"] else None
        if written:
            out += [Token(written[1], token.place), Token(written[2], token.place)]
        elif token.word in _ALONE and not joined:
            out += [Token(word, token.place) for word in _ALONE[token.word]]
        else:
            out.append(token)
    return out


def _amount(word: str) -> bool:
    return word in AMOUNTS or word in _ALONE or figure(word)

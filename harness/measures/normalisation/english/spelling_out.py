"""All numbers of a text said digit by digit, with their units: the form in which every way to say them is alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from harness.measures.normalisation.english import quantities
from harness.measures.normalisation.english.cardinals import COINS, Words, starts_number
from harness.measures.normalisation.english.clock_times import time_phrase
from harness.measures.normalisation.english.number_words import (
    LARGE,
    LONE,
    OH,
    ORDINAL_LARGE,
    PARTS,
    REPEATS,
    TEENS,
    TENS,
    UNITS,
)
from harness.measures.normalisation.english.numbers import Number, read_number
from harness.measures.normalisation.english.token import Token, figure

_POINTED = re.compile(r"([0-9]*0|[0-9]{2,})([0-9](?:st|nd|rd|th))")
_LONGEST_NUMBER = 24  # words that tell whether it begins with a hundred, a thousand ...
_LONGEST_START = 8  # words that tell whether a number starts
_ALONE = {"½": ("half",), "¼": ("one", "quarter"), "¾": ("three", "quarters")}
_HOLDS_ZERO = (
    PARTS
    | {"and", "a", "half", "quarter", "½", "¼", "¾", "point", "past", "o'clock"}
    | frozenset(form for form, unit in quantities.UNITS.items() if unit in quantities.MAJOR)
)

AMOUNTS = frozenset({*UNITS, *TEENS, *TENS, *LARGE})

# A text without any of these words and without digits is not changed: a lone digit or a lone low ordinal stays.
SIGNALS = (
    (PARTS - LONE)
    | {"half", "quarter", "quarters", "past", "dash", "negative", "no.", "o'clock"}
    | {*quantities.UNITS, *quantities.FIXED, *quantities.MONTHS, *quantities.SHORT_MONTHS}
)


_STARTS = PARTS | {"a", "half", "quarter", "no.", "negative"}
_AFTER_A = frozenset({*LARGE, *ORDINAL_LARGE, *COINS, "quarter"})
_REORDERED = frozenset({*quantities.SIGNS, *_ALONE, *REPEATS, "dash", "point"})


def spell_out(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with every number and its unit in the one form."""
    if any(token.word in _REORDERED for token in tokens):
        tokens = _repeated(_lone_fractions(_dashed(quantities.said_order(tokens))))
    words, out, at = Words(_without_article(tokens)), list[Token](), 0
    prepared = words.tokens
    while at < len(prepared):
        word = prepared[at].word
        if (word in _STARTS and (word != "a" or words[at + 1] in _AFTER_A)) or word[0].isdigit():
            at = _step(words, at, out)
        else:
            out.append(prepared[at])
            at += 1
    return out


def _step(words: Words, at: int, out: list[Token]) -> int:
    """Move one word or one number to the output; the position behind it."""
    word = words[at]
    number = read_number(words, at)
    if number is not None:
        return _quantity(words, number, out)
    if word == "no.":
        word = "number" if read_number(words, at + 1) else "no"
    elif word == "negative" and read_number(words, at + 1):
        word = "minus"
    out.append(Token(word, words.place(at)))
    return at + 1


def _quantity(words: Words, number: Number, out: list[Token]) -> int:
    """A number with the unit behind it."""
    if number.simple and number.whole.digits == ["1"] and words[number.end] == "half" and _plain_half(words, number):
        return number.end  # "one half" is "half"
    month = quantities.SHORT_MONTHS.get(out[-1].word) if out else None
    if month is not None and number.simple:
        out[-1] = Token(month, out[-1].place)
    date = quantities.day_of(words, out[-1].word, number) if out else None
    if date is not None:
        out += date[0].ordinal() + date[1].cardinal()
        return number.end
    if number.ordinal is not None and not number.fractions:
        if len(out) > 1 and out[-1].word == "the" and out[-2].word in quantities.MONTHS:
            out.pop()
        out += _said(words, number)
        return number.end
    out += _said(words, number)
    return number.end if number.part or number.ordinal else _unit(words, number, out)


def _plain_half(words: Words, number: Number) -> bool:
    return words[number.end + 1] not in ("past", "a")


def _unit(words: Words, number: Number, out: list[Token]) -> int:
    """The unit behind a number, and what is said behind the unit of a price; the position behind them."""
    unit = quantities.unit_behind(words, number.end, number)
    out += unit
    cents = quantities.hundredths_behind(words, number.end) if number.simple else None
    at = number.end + 1 if unit else number.end
    if cents is None:
        return at
    hundredths, unsaid = cents
    if unsaid:
        minor = quantities.MAJOR[quantities.UNITS[words[number.end]]]
        out += [*hundredths.whole.cardinal(), Token(quantities.PLURALS[minor], hundredths.whole.places[-1])]
        return hundredths.end
    return at + 1 if words[at] == "and" else at


def _said(words: Words, number: Number) -> list[Token]:
    """The words of a number without its unit."""
    if number.ordinal is not None and not number.fractions:
        return number.whole.plain() + number.ordinal.ordinal()
    said = [] if _needless_zero(words, number) else number.whole.cardinal()
    for fraction in number.fractions:
        said += [Token("point", fraction.places[0]), *fraction.plain()]
    if number.ordinal is not None:
        said += number.ordinal.ordinal()
    return said if number.part is None else [*said, number.part]


def _needless_zero(words: Words, number: Number) -> bool:
    """Whether the zero of "0.5" goes, as it is often not said; kept where what is left would read otherwise."""
    if number.whole.digits != ["0"] or len(number.fractions) != 1 or number.part or number.ordinal:
        return False
    behind = words[number.end]
    return str(number.fractions[0])[-3:] != "000" and behind not in _HOLDS_ZERO and not behind[:1].isdigit()


def _without_article(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without an "a" before a hundred, a thousand and so on in digits, for "a hundred" has none either."""
    if not any(first.word == "a" and _amount(second.word) for first, second in pairwise(tokens)):
        return tokens
    words, kept = Words(tokens), list[Token]()
    for at in range(len(tokens) - 1, -1, -1):
        behind = Words(kept[: -_LONGEST_NUMBER - 1 : -1])
        number = read_number(behind, 0) if words[at] == "a" and _amount(behind[0]) else None
        if number is None or number.whole.digits[:1] != ["1"] or len(number.whole.digits) < 3:
            kept.append(tokens[at])
    return kept[::-1]


def _dashed(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without a "dash" that is said beside a number, for a hyphen is not."""
    if not any(token.word == "dash" for token in tokens):
        return list(tokens)
    kept: list[Token] = []
    for at in range(len(tokens) - 1, -1, -1):
        word, behind = tokens[at].word, Words(kept[: -_LONGEST_START - 1 : -1])
        before = tokens[at - 1].word if at else ""
        number = behind[0] in PARTS or behind[0][:1].isdigit() or behind[0] in (*_ALONE, "half", "quarter")
        if word != "dash" or not (
            number or before == "o'clock" or _amount(before) or starts_number(behind, 0) or time_phrase(behind, 0)
        ):
            kept.append(tokens[at])
    return kept[::-1]


def _amount(word: str) -> bool:
    return word in AMOUNTS or word in _ALONE or figure(word)


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
    said = [] if number is None else _said(words, number)
    return UNITS.get(said[0].word) if said else None


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

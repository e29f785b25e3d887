"""All numbers of a text said digit by digit, with their units: the form in which every way to say them is alike."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.normalisation.english import quantities
from harness.measures.normalisation.english.cardinals import COINS, Words
from harness.measures.normalisation.english.number_words import (
    LARGE,
    LONE,
    ORDINAL_LARGE,
    PARTS,
)
from harness.measures.normalisation.english.numbers import Number, read_number
from harness.measures.normalisation.english.preparation import prepared
from harness.measures.normalisation.english.saying import said
from harness.measures.normalisation.english.token import Token

# A text without any of these words and without digits is not changed: a lone digit or a lone low ordinal stays.
SIGNALS = (
    (PARTS - LONE)
    | {"half", "quarter", "quarters", "past", "dash", "negative", "no.", "o'clock"}
    | {*quantities.UNITS, *quantities.FIXED, *quantities.MONTHS, *quantities.SHORT_MONTHS}
)


_STARTS = PARTS | {"a", "half", "quarter", "no.", "negative"}
_AFTER_A = frozenset({*LARGE, *ORDINAL_LARGE, *COINS, "quarter"})


def spell_out(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with every number and its unit in the one form."""
    words, out, at = Words(prepared(tokens)), list[Token](), 0
    ready = words.tokens
    while at < len(ready):
        word = ready[at].word
        if (word in _STARTS and (word != "a" or words[at + 1] in _AFTER_A)) or word[0].isdigit():
            at = _step(words, at, out)
        else:
            out.append(ready[at])
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
        out += said(words, number)
        return number.end
    out += said(words, number)
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

"""Reading all numbers that stand together: digits, what stands behind a point, an ordinal at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.measures.normalisation.english.cardinals import Words, below_hundred, cardinal, starts_number
from harness.measures.normalisation.english.clock_times import minutes_past, time_phrase
from harness.measures.normalisation.english.figures import Figures
from harness.measures.normalisation.english.number_words import (
    LARGE,
    OH,
    ORDINAL_LARGE,
    ORDINAL_TWO,
    ORDINAL_UNITS,
    PARTS,
    TENS,
)
from harness.measures.normalisation.english.token import Token, figure

_ORDINAL_FIGURE = re.compile(r"([0-9]++)(?:st|nd|rd|th)")
_FRACTIONS: Sequence[tuple[tuple[str, ...], str]] = (
    (("and", "a", "half"), "5"),
    (("and", "one", "half"), "5"),
    (("and", "½"), "5"),
    (("½",), "5"),
    (("and", "a", "quarter"), "25"),
    (("and", "one", "quarter"), "25"),
    (("and", "¼"), "25"),
    (("¼",), "25"),
    (("and", "three", "quarters"), "75"),
    (("and", "¾"), "75"),
    (("¾",), "75"),
)
_MOST_OHS = 8  # in a row
_JOINTS = frozenset({"and", "½", "¼", "¾"})
_GOES_ON = PARTS | {"o'clock", "and", "past", "half", "quarter", "a"}


@dataclass(frozen=True, slots=True)
class Number:
    """What was read, and the position behind it."""

    whole: Figures
    end: int
    fractions: tuple[Figures, ...] = ()  # behind each point: one for 3.5, two for 1.2.3
    ordinal: Figures | None = None
    part: Token | None = None  # a lone "hundredth" behind a fraction, which is no ordinal there

    @property
    def simple(self) -> bool:
        """Whether it is digits only."""
        return not self.fractions and self.ordinal is None


def read_number(words: Words, at: int) -> Number | None:
    """The longest number that starts here; None where none does."""
    whole = Figures()
    while (end := _longer(words, whole, at)) is not None:
        at = end
        while (found := _fractions(words, at))[0]:
            fractions, at = found
            zeros, behind = _large(words, at)
            if len(fractions) > 1 or not zeros:
                return _with_fractions(words, whole, fractions, at)
            rest, at = _scaled(words, whole, fractions[0], zeros, behind)
            if rest:
                return _with_fractions(words, whole, (rest,), at)
    ordinal = _ordinal(words[at])
    if ordinal is not None:
        return _with_ordinal(whole, Figures(ordinal, words.place(at)), words[at], at + 1)
    return Number(whole, at) if whole else None


def _longer(words: Words, whole: Figures, at: int) -> int | None:
    """Add what stands here to the digits so far; the position behind it, None where nothing more belongs to them."""
    if not whole:
        return _add(words, whole, at, onto=False)
    word = words[at]
    if word not in _GOES_ON and not word[:1].isdigit():
        return None
    if word == "o'clock" and words[at + 1] not in LARGE:
        return at + 1
    if word == "and" and whole.zeros >= 2 and not _fraction_phrase(words, at):
        if _ordinal(words[at + 1]) is not None:
            return at + 1
        if _starts(words, at + 1):
            return _add(words, whole, at + 1, onto=True)
    if word in OH and _between(words, at):
        whole.follow(Figures("0", words.place(at)))
        return at + 1
    past = minutes_past(words, whole, at)
    if past is not None:
        whole.digits[:], whole.places[:] = past[0].digits, past[0].places
        return past[1]
    return _add(words, whole, at, onto=False)


def _add(words: Words, whole: Figures, at: int, onto: bool) -> int | None:
    found = time_phrase(words, at) or cardinal(words, at)
    if found is None:
        return None
    part, end = found
    if onto and len(part.digits) <= whole.zeros and part.digits[0] != "0":
        whole.overlay(part)
    else:
        whole.follow(part)
    return end


def _starts(words: Words, at: int) -> bool:
    if starts_number(words, at) or time_phrase(words, at) is not None or _long_ordinal(words[at]):
        return True
    return figure(words[at][:2]) and words[at][1] != "0" and words[at][0] > "1"  # "22nd", said as twenty second


def _between(words: Words, at: int) -> bool:
    """Whether a number follows one "oh" or several."""
    last = at + _MOST_OHS
    while words[at] in OH and at < last:
        at += 1
    return _starts(words, at)


def _fraction_phrase(words: Words, at: int) -> tuple[str, int] | None:
    if words[at] not in _JOINTS:
        return None
    for phrase, digits in _FRACTIONS:
        if words.are(at, *phrase):
            return digits, at + len(phrase)
    return None


def _fractions(words: Words, at: int) -> tuple[tuple[Figures, ...], int]:
    """What stands behind the point or points, or "and a half" as .5; nothing where there is none."""
    found: list[Figures] = []
    phrase = _fraction_phrase(words, at)
    if phrase is not None:
        found.append(Figures(phrase[0], words.place(at)))
        at = _decimals(words, found[0], phrase[1])
    while words[at] == "point":
        decimals = Figures()
        end = _decimals(words, decimals, at + 1)
        if not decimals:
            break
        found.append(decimals)
        at = end
    return tuple(found), at


def _decimals(words: Words, decimals: Figures, at: int) -> int:
    while True:
        if words[at] in TENS and words[at + 1] in ORDINAL_UNITS and words[at + 1] != "zeroth":
            return at  # "3 point twenty | first"
        part = below_hundred(words, at) or cardinal(words, at)
        if part is not None:
            decimals.follow(part[0])
            at = part[1]
        elif words[at] in OH and (not decimals or _between(words, at)):
            decimals.follow(Figures("0", words.place(at)))
            at += 1
        else:
            return at


def _large(words: Words, at: int) -> tuple[int, int]:
    zeros = 0
    while words[at] in LARGE:
        zeros += LARGE[words[at]]
        at += 1
    return zeros, at


def _scaled(words: Words, whole: Figures, fraction: Figures, zeros: int, at: int) -> tuple[Figures | None, int]:
    """Multiply: the point moves into the fraction, or behind it; what is left of the fraction, and the position."""
    bare = whole.digits == ["0"]
    while zeros:
        place = words.place(at - 1)
        moved, rest = Figures(), Figures()
        moved.follow(fraction)
        moved.digits, rest.digits = fraction.digits[:zeros], fraction.digits[zeros:]
        moved.places, rest.places = fraction.places[:zeros], fraction.places[zeros:]
        whole.follow(moved)
        whole.scale(max(zeros - len(fraction.digits), 0), place)
        fraction = rest
        if not rest:
            break
        at = _decimals(words, fraction, at)
        zeros, at = _large(words, at)
    if bare:
        kept = next((i for i, digit in enumerate(whole.digits) if digit != "0"), len(whole.digits) - 1)
        del whole.digits[:kept], whole.places[:kept]
    return fraction or None, at


def _ordinal(word: str) -> str | None:
    """The digits of an ordinal; for hundredth and larger the zeros only."""
    if word in ORDINAL_LARGE:
        return "0" * ORDINAL_LARGE[word]
    written = _ORDINAL_FIGURE.fullmatch(word) if word[:1].isdigit() else None
    return ORDINAL_UNITS.get(word) or ORDINAL_TWO.get(word) or (written[1] if written else None)


def _long_ordinal(word: str) -> bool:
    """Whether an ordinal is said with a digit before it: "101st", "hundredth"."""
    digits = _ordinal(word) or ""
    return word in ORDINAL_LARGE or len(digits) > 2 or (len(digits) == 2 and digits[0] == "0")


def _with_ordinal(whole: Figures, ordinal: Figures, word: str, end: int) -> Number:
    """Digits and the ordinal behind them as one ordinal where they are said as one: "two thousand | first"."""
    length = len(ordinal.digits)
    if _long_ordinal(word):
        if word in ORDINAL_LARGE and not whole:
            whole.follow(Figures("1", ordinal.places[0]))
        whole.follow(ordinal)
    elif (length == 2 and whole.zeros >= 2) or (length == 1 and _takes_unit(whole) and ordinal.digits != ["0"]):
        whole.overlay(ordinal)
    else:
        return Number(whole, end, ordinal=ordinal)
    return Number(Figures(), end, ordinal=whole)


def _with_fractions(words: Words, whole: Figures, fractions: tuple[Figures, ...], at: int) -> Number:
    """The number, and of an ordinal behind the fraction all but what is said as one word: "3.5 101st"."""
    if words[at] in ORDINAL_LARGE:
        return Number(whole, at + 1, fractions, part=Token(words[at], words.place(at)))
    if not _long_ordinal(words[at]):
        return Number(whole, at, fractions)
    digits = _ordinal(words[at]) or ""
    fractions[-1].follow(Figures(digits[:-1], words.place(at)))
    return Number(whole, at + 1, fractions, Figures(digits[-1], words.place(at)))


def _takes_unit(whole: Figures) -> bool:
    return len(whole.digits) > 1 and whole.zeros > 0 and not whole.ends("10") and whole.digits != ["1", "0"]

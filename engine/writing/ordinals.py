"""Ordinal numbers, and the fractions that are said with them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.writing.cardinals import DIGITS, LEAST_WRITTEN, TEENS, TENS, below_hundred, cardinal, grouped
from engine.writing.entity import Entity, single

ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40,
    "fiftieth": 50, "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100,
    "thousandth": 1_000,
}  # fmt: skip


def ordinal(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """An ordinal number that begins at a word, and one past its last word."""
    if at >= len(words):
        return None
    if words[at] in ORDINALS:
        return ORDINALS[words[at]], at + 1
    if words[at] in TENS and at + 1 < len(words) and ORDINALS.get(words[at + 1], 10) < 10:
        return TENS[words[at]] + ORDINALS[words[at + 1]], at + 2
    return _long_ordinal(words, at)


def read_ordinal(words: Sequence[str], at: int) -> Entity | None:
    """ "forty second" -> 42nd; up to tenth they stay words."""
    found = ordinal(words, at)
    if found is None or found[0] < LEAST_WRITTEN or words[at] in ("hundredth", "thousandth"):
        return None
    return single("ordinal", at, found[1], with_suffix(found[0]))


def read_fraction(words: Sequence[str], at: int) -> Entity | None:
    """ "three sixteenths" -> 3/16; halves, thirds and quarters stay words."""
    top = below_hundred(words, at)
    if top is None or top[0] == 0:
        return None
    for length in (2, 1):
        last = words[top[1] + length - 1 : top[1] + length]
        if not last or not last[0].endswith("s"):
            continue
        spoken = [*words[top[1] : top[1] + length - 1], last[0].removesuffix("s")]
        bottom = ordinal(spoken, 0)
        if bottom is not None and bottom[1] == length and bottom[0] > 4:
            return single("fraction", at, top[1] + length, f"{top[0]}/{bottom[0]}")
    return None


def with_suffix(value: int) -> str:
    """21 -> 21st."""
    if value % 100 in (11, 12, 13):
        return f"{grouped(value)}th"
    return f"{grouped(value)}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th') }"


def _long_ordinal(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "one hundred and first", "two hundredth": a whole number whose last word is an ordinal."""
    for end in range(min(len(words), at + 9), at + 1, -1):
        value = ORDINALS.get(words[end - 1])
        if value is None:
            continue
        last = {100: "hundred", 1_000: "thousand"}.get(value)
        if last is None:
            last = next((word for word, n in (DIGITS | TEENS | TENS).items() if n == value and word != "oh"), "")
        found = cardinal([*words[at : end - 1], last], 0)
        if found is not None and found.end == end - at and found.value >= 100:
            return found.value, end
    return None

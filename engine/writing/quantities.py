"""Numbers with what they count: cardinals, decimals, money, percentages, measurements, ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.writing.cardinals import DIGITS, LEAST_WRITTEN, SCALES, TEENS, TENS, below_hundred, cardinal, grouped
from engine.writing.entity import Entity, Written, has, single

CURRENCIES = {
    "dollars": "$", "dollar": "$", "pounds": "£", "pound": "£", "euros": "€", "euro": "€", "yen": "¥", "rupees": "₹",
    "rupee": "₹",
}  # fmt: skip
_PARTS = {"cents": "$€", "cent": "$€", "pence": "£", "penny": "£"}  # a hundredth of which currencies
_ONE = {"dollar", "pound", "euro", "rupee", "cent", "penny"}
_UNITS = {
    ("kilometers", "per", "hour"): "km/h", ("kilometres", "per", "hour"): "km/h",
    ("kilometers", "per", "second"): "km/s", ("kilometres", "per", "second"): "km/s",
    ("miles", "per", "hour"): "mph",
    ("kilometers",): "km", ("kilometres",): "km", ("kilograms",): "kg", ("centimeters",): "cm",
    ("centimetres",): "cm", ("millimeters",): "mm", ("millimetres",): "mm",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it is written, in one word or with its scale in a second."""

    figures: str  # "2.5"
    end: int  # one past its last spoken word
    value: int | None  # None if it is no whole number
    scaled: bool = False  # whether its last spoken word is a scale that is written out: "2.5 million"
    scale: str = ""


def amount(words: Sequence[str], at: int) -> Amount | None:
    """The longest number, with or without a fraction, that begins at a word."""
    return _amount(tuple(words), at)


@lru_cache(maxsize=4_096)  # as for cardinals
def _amount(words: tuple[str, ...], at: int) -> Amount | None:
    point = _decimal(words, at) or _and_a_half(words, at)
    if point is not None:
        figures, end = point
        if end < len(words) and words[end] in SCALES and words[end] != "thousand":
            return Amount(figures, end + 1, None, True, words[end])
        return Amount(figures, end, None)
    whole = cardinal(words, at)
    if whole is None:
        return None
    if whole.scale in ("million", "billion", "trillion") and whole.head < 1_000:
        return Amount(str(whole.head), whole.end, whole.value, True, whole.scale)
    return Amount(grouped(whole.value), whole.end, whole.value)


def read_cardinal(words: Sequence[str], at: int) -> Entity | None:
    """ "twenty thousand" -> 20,000; "two million" -> 2 million; up to ten they stay words."""
    found = cardinal(words, at)
    written = amount(words, at)
    if found is None or written is None or written.value is None or found.value < LEAST_WRITTEN:
        return None
    if words[at] == "a" and found.end - at == 2:
        return None  # "a hundred", "a million": more often a manner of speaking
    if not written.scaled and touches_number(words, at, found.end):
        return None
    return Entity("cardinal", at, found.end, _spread(written, at, found.end))


def read_decimal(words: Sequence[str], at: int) -> Entity | None:
    """ "eighteen point one two" -> 18.12; "point five" -> 0.5."""
    found = amount(words, at)
    if found is None or found.value is not None or "point" not in words[at : found.end]:
        return None
    return Entity("decimal", at, found.end, _spread(found, at, found.end))


def read_percentage(words: Sequence[str], at: int) -> Entity | None:
    """ "two hundred percent" -> 200%."""
    found = amount(words, at)
    if found is None:
        return None
    for sign in (("percent",), ("per", "cent")):
        if has(words, found.end, *sign):
            end = found.end + len(sign)
            return Entity("percentage", at, end, _spread(found, at, end, after="%"))
    return None


def read_money(words: Sequence[str], at: int) -> Entity | None:
    """ "twenty dollars and fifty cents" -> $20.50; "two hundred million pounds" -> £200 million."""
    found = amount(words, at)
    if found is None or found.end >= len(words):
        return None
    unit = words[found.end]
    sign = CURRENCIES.get(unit)
    if sign is None or (unit in _ONE and found.value != 1):
        return None
    end = found.end + 1
    if found.value is not None and not found.scaled and (parts := _parts_after(words, end, sign)) is not None:
        hundredths, end = parts
        return single("money", at, end, f"{sign}{found.figures}.{hundredths:02d}")
    return Entity("money", at, end, _spread(found, at, end, before=sign))


def read_measurement(words: Sequence[str], at: int) -> Entity | None:
    """ "ten kilometers per second" -> 10 km/s."""
    found = amount(words, at)
    if found is None or found.scaled:
        return None
    for unit, short in _UNITS.items():
        if has(words, found.end, *unit):
            written = (Written(found.figures, found.end - at), Written(short, len(unit)))
            return Entity("measurement", at, found.end + len(unit), written)
    return None


def read_span(words: Sequence[str], at: int) -> Entity | None:
    """ "one hundred to two hundred million pounds" -> 100 to £200 million: a range whose end says what it counts."""
    low = amount(words, at)
    if low is None or not has(words, low.end, "to"):
        return None
    for reader in (read_money, read_percentage, read_measurement):
        high = reader(words, low.end + 1)
        if high is not None:
            start = _spread(low, at, low.end)
            return Entity("span", at, high.end, (*start, Written("to", 1), *high.written))
    return None


def touches_number(words: Sequence[str], at: int, end: int) -> bool:
    """ "twenty thirty": two numbers side by side mean something else than either of them."""
    beside = [*words[max(at - 1, 0) : at], *words[end : end + 1]]
    return any((word in DIGITS and word != "oh") or word in TEENS or word in TENS for word in beside)


def _decimal(words: Sequence[str], at: int) -> tuple[str, int] | None:
    if has(words, at, "point"):
        whole, end = "0", at
    else:
        found = cardinal(words, at)
        if found is None or found.scale is not None:
            return None
        whole, end = grouped(found.value), found.end
    if not has(words, end, "point"):
        return None
    digits, end = _digits_after(words, end + 1)
    return (f"{whole}.{digits}", end) if digits else None


def _digits_after(words: Sequence[str], at: int) -> tuple[str, int]:
    """Digits one by one, or one number below a hundred: "five oh two", "twenty five"."""
    end, digits = at, ""
    while end < len(words) and words[end] in DIGITS:
        digits, end = digits + str(DIGITS[words[end]]), end + 1
    if digits:
        return digits, end
    pair = below_hundred(words, at)
    return (str(pair[0]), pair[1]) if pair is not None else ("", at)


def _and_a_half(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """ "two and a half" before a scale, a currency or a percent sign; elsewhere it stays words."""
    found = cardinal(words, at)
    if found is None or found.scale is not None or not has(words, found.end, "and", "a", "half"):
        return None
    end = found.end + 3
    if end < len(words) and (words[end] in SCALES or words[end] in CURRENCIES or words[end] in ("percent", "per")):
        return f"{grouped(found.value)}.5", end
    return None


def _parts_after(words: Sequence[str], at: int, sign: str) -> tuple[int, int] | None:
    start = at + 1 if has(words, at, "and") else at
    found = below_hundred(words, start)
    if found is None or found[1] >= len(words) or sign not in _PARTS.get(words[found[1]], ""):
        return None
    return found[0], found[1] + 1


def _spread(found: Amount, at: int, end: int, before: str = "", after: str = "") -> tuple[Written, ...]:
    """The written words of an amount; a scale takes the unit that follows it along."""
    if not found.scaled:
        return (Written(f"{before}{found.figures}{after}", end - at),)
    first = found.end - 1 - at
    if after:  # "2 million%" is not written: the sign stays a word
        return (Written(found.figures, first), Written(found.scale, 1), Written("percent", end - found.end))
    return (Written(f"{before}{found.figures}", first), Written(found.scale, end - at - first))

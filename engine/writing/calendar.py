"""Dates, years and times of day."""

from __future__ import annotations

from collections.abc import Sequence

from engine.writing.cardinals import DIGITS, TEENS, TENS, below_hundred, cardinal
from engine.writing.entity import Entity, Written, has, single
from engine.writing.ordinals import ordinal, with_suffix
from engine.writing.quantities import touches_number

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_ALSO_WORDS = ("march", "may")
_BEFORE_YEAR = {"in", "since", "of", "by", "until", "from", "during", "before", "after", "year", "late", "early", "to"}
_BEFORE_TIME = {"at", "by", "until", "till", "from", "around", "before", "after", "about", "to"}
_DECADES = {f"{word[:-1]}ies": value for word, value in TENS.items()}
_HALVES = {
    "a.m.": (("a", "m"), ("a.m.",), ("a.", "m."), ("am",)),
    "p.m.": (("p", "m"), ("p.m.",), ("p.", "m."), ("pm",)),
}


def year(words: Sequence[str], at: int) -> tuple[int, int, bool] | None:
    """A year in words, one past its last word, and whether it can be nothing else."""
    first = below_hundred(words, at)
    if first is not None and 10 <= first[0] <= 20:
        century, end = first[0] * 100, first[1]
        if has(words, end, "hundred"):
            return (century, end + 1, False) if century < 2_000 else None
        if end + 1 < len(words) and words[end] == "oh" and DIGITS.get(words[end + 1], 0):
            return century + DIGITS[words[end + 1]], end + 2, century >= 1_600
        rest = below_hundred(words, end)
        if rest is not None and rest[0] >= 10:
            value = century + rest[0]
            return value, rest[1], 1_600 <= value < 2_000 or 2_010 <= value < 2_040
    whole = cardinal(words, at)
    if whole is not None and has(words, at, "two", "thousand") and 2_000 <= whole.value < 2_100:
        return whole.value, whole.end, False
    return None


def read_date(words: Sequence[str], at: int) -> Entity | None:
    """ "seventeenth of january twenty twenty two" -> 17th of January 2022; "january fifth" -> January 5th; a year."""
    return _day_first(words, at) or _month_first(words, at) or _bare_year(words, at) or _decade(words, at)


def read_time(words: Sequence[str], at: int) -> Entity | None:
    """ "eleven forty a m" -> 11:40 a.m.; "half past three" -> 3:30; "three o'clock" -> 3 o'clock."""
    return _past(words, at) or _on_the_clock(words, at)


def _day_first(words: Sequence[str], at: int) -> Entity | None:
    day = ordinal(words, at)
    if day is None or not 1 <= day[0] <= 31:
        return None
    month = day[1] + 1 if has(words, day[1], "of") else day[1]
    if month >= len(words) or words[month] not in MONTHS or (month == day[1] and words[month] in _ALSO_WORDS):
        return None
    written = [Written(with_suffix(day[0]), day[1] - at)]
    if month > day[1]:
        written.append(Written("of", 1))
    return _with_year(words, at, month, written)


def _month_first(words: Sequence[str], at: int) -> Entity | None:
    if at >= len(words) or words[at] not in MONTHS:
        return None
    month = [Written(words[at].capitalize(), 1)]
    start = at + 2 if has(words, at + 1, "the") else at + 1
    day = ordinal(words, start)
    if day is not None and 1 <= day[0] <= 31:
        the = [Written("the", 1)] if start > at + 1 else []
        return _with_year(words, at, day[1] - 1, [*month, *the, Written(with_suffix(day[0]), day[1] - start)], True)
    found = year(words, at + 1)
    if found is not None and not (words[at] in _ALSO_WORDS and not found[2]):
        return Entity("date", at, found[1], (*month, Written(str(found[0]), found[1] - at - 1)))
    number = below_hundred(words, at + 1)
    if number is None or not 1 <= number[0] <= 31:
        return None
    after = year(words, number[1])
    if after is None and words[at] in _ALSO_WORDS:
        return None
    return _with_year(words, at, number[1] - 1, [*month, Written(str(number[0]), number[1] - at - 1)], True)


def _with_year(words: Sequence[str], at: int, last: int, written: list[Written], month_written: bool = False) -> Entity:
    """The date whose last word but the year is this one, and the year if one follows."""
    if not month_written:
        written.append(Written(words[last].capitalize(), 1))
    found = year(words, last + 1)
    if found is None:
        return Entity("date", at, last + 1, tuple(written))
    return Entity("date", at, found[1], (*written, Written(str(found[0]), found[1] - last - 1)))


def _bare_year(words: Sequence[str], at: int) -> Entity | None:
    found = year(words, at)
    if found is None:
        return None
    clear = found[2] and not touches_number(words, at, found[1])
    if not clear and not (at > 0 and words[at - 1] in _BEFORE_YEAR):
        return None
    return single("date", at, found[1], str(found[0]))


def _decade(words: Sequence[str], at: int) -> Entity | None:
    """ "nineteen eighties" -> 1980s."""
    if at + 1 < len(words) and words[at] in TEENS and TEENS[words[at]] >= 16 and words[at + 1] in _DECADES:
        return single("date", at, at + 2, f"{TEENS[words[at]]}{_DECADES[words[at + 1]]}s")
    return None


def _on_the_clock(words: Sequence[str], at: int) -> Entity | None:
    hour = below_hundred(words, at)
    if hour is None or not 1 <= hour[0] <= 12 or hour[1] != at + 1:
        return None
    if has(words, at + 1, "o'clock"):
        return Entity("time", at, at + 2, (Written(str(hour[0]), 1), Written("o'clock", 1)))
    minutes, end = _minutes(words, at + 1)
    clock = str(hour[0]) if minutes is None else f"{hour[0]}:{minutes:02d}"
    for half, spoken in _HALVES.items():
        for form in spoken:
            if has(words, end, *form):
                return Entity("time", at, end + len(form), (Written(clock, end - at), Written(half, len(form))))
    if minutes is None or not (at > 0 and words[at - 1] in _BEFORE_TIME) or year(words, at) is not None:
        return None
    return single("time", at, end, clock)


def _minutes(words: Sequence[str], at: int) -> tuple[int | None, int]:
    if at + 1 < len(words) and words[at] == "oh" and words[at + 1] in DIGITS:
        return DIGITS[words[at + 1]], at + 2
    found = below_hundred(words, at)
    return found if found is not None and 10 <= found[0] <= 59 else (None, at)


def _past(words: Sequence[str], at: int) -> Entity | None:
    start = at + 1 if has(words, at, "a", "quarter") else at
    part = words[start] if start + 2 < len(words) else ""
    if part not in ("half", "quarter") or words[start + 1] not in ("past", "to") or words[start + 2] == "oh":
        return None
    hour = below_hundred(words, start + 2)
    if hour is None or not 1 <= hour[0] <= 12 or (part == "half" and words[start + 1] == "to"):
        return None
    minutes = 30 if part == "half" else 15
    if words[start + 1] == "past":
        return single("time", at, hour[1], f"{hour[0]}:{minutes}")
    return single("time", at, hour[1], f"{(hour[0] - 2) % 12 + 1}:45")

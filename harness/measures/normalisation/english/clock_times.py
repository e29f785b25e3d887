"""Times of day as they are said, read as the digits that are written: "half past ten" is 1030."""

from __future__ import annotations

from harness.measures.normalisation.english.cardinals import Read, Words, cardinal, starts_number
from harness.measures.normalisation.english.figures import Figures
from harness.measures.normalisation.english.number_words import ORDINAL_LARGE, ORDINAL_TWO

_FIRST = frozenset({"a", "half", "quarter"})
_PHRASES = ((("half", "past"), 30), (("quarter", "past"), 15), (("quarter", "to"), -15))


def time_phrase(words: Words, at: int) -> Read | None:
    """A time that starts with half or quarter; None where none stands here."""
    if words[at] not in _FIRST:
        return None
    begin = at + 1 if words.are(at, "a", "quarter") else at
    for phrase, minutes in _PHRASES:
        if words.are(begin, *phrase):
            return _at_hour(words, begin + len(phrase), minutes, words.place(at))
    return None


def minutes_past(words: Words, minutes: Figures, at: int) -> Read | None:
    """A time whose minutes, 1 to 29, were just read: "twenty | past five"."""
    value = minutes.value(2) if words[at] == "past" else None
    if value is None or not 0 < value < 30:
        return None
    return _at_hour(words, at + 1, value, minutes.places[0])


def _at_hour(words: Words, at: int, minutes: int, place: int) -> Read | None:
    found = cardinal(words, at)
    hour = found[0].value(2) if found else None
    if found is None or hour is None or not 0 < hour < 13:
        return None
    if starts_number(words, found[1]) or words[found[1]] in ORDINAL_LARGE or words[found[1]] in ORDINAL_TWO:
        return None
    total = (hour * 60 + minutes - 60) % 720 + 60  # 12:45 is a quarter to one
    return Figures(f"{total // 60}{total % 60:02d}", place), found[1]

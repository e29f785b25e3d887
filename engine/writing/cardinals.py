"""Cardinal numbers as they are spoken in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

DIGITS = {
    "zero": 0, "oh": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9,
}  # fmt: skip
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
LEAST_WRITTEN = 11  # smaller numbers stay words
_ONLY_NUMBERS = frozenset({*DIGITS, *TEENS, *TENS, *SCALES, "hundred"} - {"oh"})


def is_number_word(word: str) -> bool:
    """Whether a word can only be part of a number; "oh" and "a" are more often something else."""
    return word in _ONLY_NUMBERS


@dataclass(frozen=True, slots=True)
class Cardinal:
    """A whole number in a sequence of words."""

    value: int
    end: int  # one past its last word
    scale: str | None = None  # its last word, if that was "thousand", "million", ...
    head: int = 0  # what was said before that word


def grouped(value: int) -> str:
    """A whole number with commas between thousands."""
    return f"{value:,}"


def below_hundred(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A number from 0 to 99 that begins at a word, and one past its last word."""
    if at >= len(words):
        return None
    word = words[at]
    if word in TENS:
        follows = DIGITS.get(words[at + 1], 0) if at + 1 < len(words) else 0
        return (TENS[word] + follows, at + 2) if follows else (TENS[word], at + 1)
    value = TEENS.get(word, DIGITS.get(word) if word != "oh" else None)
    return None if value is None else (value, at + 1)


def below_thousand(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A number from 0 to 9,999 said in hundreds ("fifteen hundred"), or below a hundred."""
    first = (
        (1, at + 1)
        if _at(words, at, "a") and (_at(words, at + 1, "hundred") or _at(words, at + 1, "thousand"))
        else below_hundred(words, at)
    )
    if first is None or first[0] == 0 or not _at(words, first[1], "hundred"):
        return first
    value, end = first[0] * 100, first[1] + 1
    joined = end + 1 if _at(words, end, "and") else end
    rest = below_hundred(words, joined)
    if rest is None or rest[0] == 0:
        return value, end
    return value + rest[0], rest[1]


def cardinal(words: Sequence[str], at: int) -> Cardinal | None:
    """The longest whole number that begins at a word, None if there is none."""
    return _cardinal(tuple(words), at)


@lru_cache(maxsize=4_096)  # the readers of entities ask for the same number one after another
def _cardinal(words: tuple[str, ...], at: int) -> Cardinal | None:
    total, least, end, found = 0, 10**15, at, None
    while (part := below_thousand(words, _past_and(words, end, at))) is not None:
        value, end_of_part = part
        scale = words[end_of_part] if end_of_part < len(words) else ""
        multiple = SCALES.get(scale, 1)
        if multiple >= least or (value == 0 and found is not None) or (value >= 1_000 and found is not None):
            break
        if multiple == 1:
            return Cardinal(total + value, end_of_part)
        if value == 0:
            return Cardinal(0, end_of_part)
        total, least, end = total + value * multiple, multiple, end_of_part + 1
        found = Cardinal(total, end, scale, value) if found is None else Cardinal(total, end)
    return found


def _past_and(words: Sequence[str], at: int, start: int) -> int:
    """ "one thousand and five": an "and" after a scale belongs to the number if a number follows."""
    return at + 1 if at > start and _at(words, at, "and") else at


def _at(words: Sequence[str], at: int, word: str) -> bool:
    return at < len(words) and words[at] == word

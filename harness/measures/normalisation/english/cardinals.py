"""Reading a number from its words, or from digits that were written, into the string of its digits.

Numbers that follow each other are one string, so that every usual way to say a number gives the same: "twenty twenty",
"two thousand and twenty", "two oh two oh", "20 20" and "2020".
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.normalisation.english.figures import Figures
from harness.measures.normalisation.english.number_words import (
    LARGE,
    ORDINAL_LARGE,
    SCALES,
    TEENS,
    TENS,
    UNITS,
)
from harness.measures.normalisation.english.token import Token, figure

COINS = frozenset({"dollar", "euro"})  # "a dollar" is "$1"
_AHEAD = 8

Read = tuple[Figures, int]  # the number, and the position behind it


class Words(list[str]):
    """The words to read from; behind the last one stand empty ones, more than any rule looks ahead."""

    __slots__ = ("tokens",)

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__([token.word for token in tokens])
        self.tokens = tokens
        self += [""] * _AHEAD

    def place(self, position: int) -> int:
        """Where a word came from."""
        return self.tokens[position].place

    def are(self, position: int, *expected: str) -> bool:
        """Whether these words stand here."""
        return all(self[position + i] == word for i, word in enumerate(expected))


def starts_number(words: Words, at: int) -> bool:
    """Whether a number starts here."""
    word = words[at]
    if word in UNITS or word in TEENS or word in TENS or figure(word):
        return True
    return one(words, at) or (words.are(at, "half", "a") and words[at + 2] in SCALES)


def below_hundred(words: Words, at: int) -> Read | None:
    """A number that is one word, or two as "twenty one", or is written in digits; no hundreds."""
    word = words[at]
    if word in TENS:
        unit = UNITS.get(words[at + 1], "0")
        if unit != "0":
            return Figures(TENS[word][0] + unit, words.place(at)), at + 2
        return Figures(TENS[word], words.place(at)), at + 1
    digits = UNITS.get(word) or TEENS.get(word) or (word if figure(word) else None)
    return None if digits is None else (Figures(digits, words.place(at)), at + 1)


def cardinal(words: Words, at: int) -> Read | None:
    """One number with its hundreds, thousands, millions; None where none starts."""
    if words[at] == "half" and words[at + 1] == "a" and words[at + 2] in SCALES:
        zeros, end = _scales(words, at + 2)
        return Figures("5" + "0" * (zeros - 1), words.place(at)), end
    first = _below_thousand(words, at)
    if first is None:
        return None
    figures, end = first
    zeros, behind = _scales(words, end)
    if not zeros:
        return first
    figures.scale(zeros, words.place(end))
    return _rest(words, figures, zeros, behind)


def _rest(words: Words, figures: Figures, zeros: int, at: int) -> Read:
    """What follows a thousand or million and is smaller than it: "two million [five hundred thousand] [and six]"."""
    while zeros:
        rest = _below_thousand(words, at + 1 if words[at] == "and" else at)
        if rest is None:
            break
        part, end = rest
        less, behind = _scales(words, end)
        if part.digits[0] == "0" or less >= zeros or len(part.digits) + less > zeros:
            break
        if less:
            part.scale(less, words.place(end))
        figures.overlay(part)
        zeros, at = less, behind
    return figures, at


def _below_thousand(words: Words, at: int) -> Read | None:
    """A number with "hundred" and what follows it: "two hundred [and] [twenty one]"."""
    found = _head(words, at)
    if found is None or words[found[1]] != "hundred":
        return found
    figures, end = found
    figures.scale(2, words.place(end))
    while words[end + 1] == "hundred":
        figures.scale(2, words.place(end + 1))
        end += 1
    tail = below_hundred(words, end + 2 if words[end + 1] == "and" else end + 1)
    if tail is None:
        return figures, end + 1
    part, behind = tail
    if part.digits[0] == "0" or len(part.digits) > 2 or words[behind] == "hundred":
        return figures, end + 1
    figures.overlay(part)
    return figures, behind


def _head(words: Words, at: int) -> Read | None:
    """A number below hundred, or "a" as one before hundred or thousand."""
    if one(words, at):
        return Figures("1", words.place(at)), at + 1
    return below_hundred(words, at)


def one(words: Words, at: int) -> bool:
    """Whether an "a" stands here that means one."""
    behind = words[at + 1]
    return words[at] == "a" and (behind in LARGE or behind in ORDINAL_LARGE or behind in COINS)


def _scales(words: Words, at: int) -> tuple[int, int]:
    """The zeros that "thousand", "million", "thousand million" stand for, and the position behind them."""
    zeros = 0
    while words[at] in SCALES or (zeros and words[at] == "hundred"):
        zeros += LARGE[words[at]]
        at += 1
    return zeros, at

"""A number as the string of its digits, each with its place: "nineteen oh five", "1905" and "19 05" are one string."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measures.normalisation.english.number_words import (
    DIGIT_WORDS,
    ORDINAL_OF,
    TENS_OF,
    scale_words,
)
from harness.measures.normalisation.english.token import Token


class Figures:
    """Digits in the order they were said; begins empty, grows, and is spelt out at the end."""

    __slots__ = ("digits", "places")

    def __init__(self, digits: str = "", place: int = 0) -> None:
        self.digits: list[str] = list(digits)
        self.places: list[int] = [place] * len(digits)

    def __bool__(self) -> bool:
        return bool(self.digits)

    def __str__(self) -> str:
        return "".join(self.digits)

    @property
    def significant(self) -> bool:
        """Whether any digit is not zero."""
        return any(digit != "0" for digit in self.digits)

    @property
    def zeros(self) -> int:
        """How many zeros it ends in; 0 where there is nothing else."""
        count = self._zeros_behind()
        return count if count < len(self.digits) else 0

    def ends(self, digits: str) -> bool:
        """Whether it ends in these digits and has another before them."""
        return len(self.digits) > len(digits) and self.digits[-len(digits) :] == list(digits)

    def follow(self, other: Figures) -> None:
        """Put another number behind this one: 20 and 20 is 2020."""
        self.digits += other.digits
        self.places += other.places

    def overlay(self, other: Figures) -> None:
        """Put another number onto the zeros that this one ends in: 2000 and 20 is 2020."""
        length = len(other.digits)
        self.digits[-length:] = other.digits
        self.places[-length:] = other.places

    def scale(self, zeros: int, place: int) -> None:
        """Put zeros behind: 20 with three is 20000."""
        self.follow(Figures("0" * zeros, place))

    def value(self, most: int) -> int | None:
        """The number, where it has at most so many digits."""
        return int(str(self)) if 0 < len(self.digits) <= most else None

    def plain(self) -> list[Token]:
        """A word for each digit."""
        return [Token(DIGIT_WORDS[d], p) for d, p in zip(self.digits, self.places, strict=True)]

    def cardinal(self) -> list[Token]:
        """A word for each digit, but three zeros or more at the end as thousand, million and so on."""
        zeros = self.zeros // 3 * 3
        if not zeros:
            return self.plain()
        first = len(self.digits) - zeros
        return self.plain()[:first] + _at(scale_words(zeros), self.places[first])

    def ordinal(self) -> list[Token]:
        """The ordinal: all but the last two digits as they are, the last two as they are said."""
        if len(self.digits) == 1:
            return _at((ORDINAL_OF[self.digits[0]],), self.places[0])
        zeros = self._round_zeros()
        lead, place = self._lead(len(self.digits) - max(zeros, 2)), self.places[-max(zeros, 2)]
        if zeros == 2:
            return lead.plain() + _at(("hundredth",), place)
        if zeros:
            *scales, last = scale_words(zeros)
            return lead.plain() + _at((*scales, f"{last}th"), place)
        tens, unit = self.digits[-2:]
        if tens == "0" and not lead.significant:
            return lead.plain() + _at((DIGIT_WORDS["0"], ORDINAL_OF[unit]), place)
        if tens == "0":
            return lead.plain() + _at(("hundred", ORDINAL_OF[unit]), place)
        if tens == "1" or unit == "0":
            hundred = ("hundred",) if lead.significant and lead.ends("00") else ()
            return lead.plain() + _at((*hundred, ORDINAL_OF[tens + unit]), place)
        return lead.plain() + _at((TENS_OF[tens], ORDINAL_OF[unit]), place)

    def _round_zeros(self) -> int:
        """How many zeros at the end are said as hundredth, thousandth and so on; there are digits before them."""
        count = self._zeros_behind()
        if count >= 3:
            zeros = count // 3 * 3
            return zeros if zeros < len(self.digits) else zeros - 3 or 2
        return 2 if count == 2 and len(self.digits) > 2 else 0

    def _zeros_behind(self) -> int:
        return next((n for n, digit in enumerate(reversed(self.digits)) if digit != "0"), len(self.digits))

    def _lead(self, length: int) -> Figures:
        lead = Figures()
        lead.digits, lead.places = self.digits[:length], self.places[:length]
        return lead


def _at(words: Sequence[str], place: int) -> list[Token]:
    return [Token(word, place) for word in words]

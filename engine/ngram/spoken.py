"""Sentences of numbers, dates, times, money and names, which books hardly hold: a small text to mix in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
MONTH_NAMES = "january february march april may june july august september october november december"
ONES = SMALL.split()
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
MONTHS = MONTH_NAMES.split()
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

Lists = dict[str, tuple[str, ...]]


def read_lists(path: Path) -> Lists:
    """Read word lists: ``[name]`` opens a list, ``#`` a comment, words stand between blanks."""
    lists: dict[str, list[str]] = {}
    current: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = lists.setdefault(line.strip("[] "), [])
        elif not line.startswith("#"):
            current.extend(line.replace("-", " ").split())
    return {name: tuple(dict.fromkeys(words)) for name, words in lists.items()}


def cardinal(number: int) -> str:
    """Say a number from 0 to 999,999,999."""
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            head, rest = divmod(number, size)
            link = "and " if size == 100 and rest % 3 == 0 else ""
            return f"{cardinal(head)} {name}" + (f" {link}{cardinal(rest)}" if rest else "")
    if number < 20:
        return ONES[number]
    tens, ones = divmod(number, 10)
    return TENS[tens - 2] + (f" {ONES[ones]}" if ones else "")


def ordinal(number: int) -> str:
    """Say a rank from 1 to 999,999,999."""
    *head, last = cardinal(number).split()
    if last in ORDINALS:
        ranked = ORDINALS[last]
    elif last.endswith("ve"):
        ranked = last[:-2] + "fth"
    else:
        ranked = (last[:-1] + "ieth") if last.endswith("y") else last + "th"
    return " ".join([*head, ranked])


def year(number: int) -> str:
    """Say a year from 1100 to 2099 in the usual pairs."""
    head, rest = divmod(number, 100)
    if 2000 <= number < 2010:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(head)} hundred"
    return f"{cardinal(head)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def sentences(lists: Lists, amount: int, rng: np.random.Generator) -> Iterator[list[str]]:
    """Make sentences from templates, every kind equally often.

    Args:
        lists: from ``read_lists``: first, last, place, thing.
        amount: how many.
        rng: decides everything.
    """
    speaker = _Speaker(lists, rng)
    kinds: list[Callable[[], str]] = [
        speaker.digits, speaker.amount, speaker.date, speaker.clock, speaker.money, speaker.person,
        speaker.place, speaker.thing, speaker.digits, speaker.quantity,
    ]  # fmt: skip
    for index in range(amount):
        yield kinds[index % len(kinds)]().split()


class _Speaker:
    def __init__(self, lists: Lists, rng: np.random.Generator) -> None:
        self._lists, self._rng = lists, rng

    def _one(self, *options: str) -> str:
        return options[int(self._rng.integers(len(options)))]

    def _from(self, name: str) -> str:
        return self._one(*self._lists[name])

    def _name(self) -> str:
        first, last = self._from("first"), self._from("last")
        return self._one(
            first, f"{first} {last}", f"{first} {last}", f"{self._one('mister', 'missus', 'doctor')} {last}"
        )

    def digits(self) -> str:
        length = int(self._rng.choice([1, 2, 3, 4, 5, 6, 7, 10, 11]))
        said = [self._one("oh", "zero", *ONES[1:10] * 3, *ONES[1:10] * 3) for _ in range(length)]
        lead = self._one(
            "", "", "", "the number is", "call", "extension", "room", "the code is", "dial", "flight", "my number is"
        )
        return f"{lead} {' '.join(said)}"

    def amount(self) -> str:
        number = cardinal(int(10 ** self._rng.uniform(0, 7)))
        return self._one(
            "{}",
            "there were {} of them",
            "about {} people",
            "more than {} {t}",
            "chapter {}",
            "it took {} years",
            "page {}",
        ).format(number, t=self._from("thing"))

    def date(self) -> str:
        month, day = self._one(*MONTHS), ordinal(int(self._rng.integers(1, 32)))
        when = self._one(
            f"{month} {day}", f"the {day} of {month}", f"{month} {day} {year(int(self._rng.integers(1900, 2031)))}"
        )
        return self._one(
            "{}", "on {}", "the meeting is on {}", "she was born on {}", "on {d} {}", "see you on {d} {}"
        ).format(when, d=self._one(*DAYS))

    def clock(self) -> str:
        hour, minute = cardinal(int(self._rng.integers(1, 13))), int(self._rng.integers(1, 60))
        said = self._one(
            f"{hour} o'clock", f"half past {hour}", f"quarter {self._one('to', 'past')} {hour}",
            f"{hour} {'oh ' if minute < 10 else ''}{cardinal(minute)}",
        ) + self._one("", "", " a m", " p m", " in the morning", " in the evening")  # fmt: skip
        return self._one("{}", "at {}", "the train leaves at {}", "meet me at {}", "the store closes at {}").format(
            said
        )

    def money(self) -> str:
        unit = self._one("dollars", "pounds", "euros", "cents", "percent")
        number = cardinal(int(10 ** self._rng.uniform(0.3, 5)))
        return self._one(
            "{} {}", "it costs {} {}", "{} {} and fifty cents", "the total is {} {}", "a price of {} {}"
        ).format(number, unit)

    def person(self) -> str:
        return self._one(
            "{}", "my name is {}", "this is {}", "please call {}", "{} and {}", "{} said yes", "hello {}",
            "i met {} in {p}", "{} is from {p}",
        ).format(self._name(), self._name(), p=self._from("place"))  # fmt: skip

    def place(self) -> str:
        here, there = self._from("place"), self._from("place")
        return self._one(
            "{}", "in {}", "a flight from {} to {}", "she lives in {}", "the weather in {}", "we drove to {}"
        ).format(here, there)

    def thing(self) -> str:
        return self._one(
            "the {}", "a {}", "my {} and your {}", "please {}", "i need a {}", "where is the {}", "the {} {}"
        ).format(self._from("thing"), self._from("thing"))

    def quantity(self) -> str:
        number = cardinal(int(self._rng.integers(2, 100)))
        unit = self._one(
            "minutes", "hours", "days", "weeks", "months", "years", "miles", "kilometers", "degrees", "meters", "people"
        )
        return self._one("{} {}", "in {} {}", "{} {} ago", "about {} {}", "for {} {}", "{} point {d} {}").format(
            number, unit, d=self._one(*ONES[1:10])
        )

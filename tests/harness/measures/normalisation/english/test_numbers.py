"""However a number is said or written, it comes out alike: to 10^15, years, ordinals, decimals, fractions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.normalisation.packs import PACKS

_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_SMALL = _WORDS.split()
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ["", " thousand", " million", " billion", " trillion", " quadrillion"]
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def said(text: str) -> str:
    return " ".join(PACKS["english-1"].split(text))


def cardinal(n: int, joint: str = " and ") -> str:
    """A number in words, with or without "and" (our own, to have an oracle without a library)."""
    if n < 20:
        return _SMALL[n]
    if n < 100:
        return _TENS[n // 10] + (f"-{_SMALL[n % 10]}" if n % 10 else "")
    if n < 1000:
        return f"{_SMALL[n // 100]} hundred" + (joint + cardinal(n % 100, joint) if n % 100 else "")
    groups, parts = 0, []
    while n:
        n, group = divmod(n, 1000)
        if group:
            low = not groups and group < 100
            parts.append(
                (joint.strip() + " " if low and joint.strip() else "") + cardinal(group, joint) + _SCALES[groups]
            )
        groups += 1
    return " ".join(reversed(parts)).removeprefix("and ")


def ordinal(n: int) -> str:
    *front, last = re.split(r"([ -])", cardinal(n))
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return "".join(front) + _ORDINALS.get(last, regular)


def suffixed(n: int) -> str:
    return f"{n}{'th' if n // 10 % 10 == 1 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


numbers = st.one_of(*(st.integers(0, 10**power) for power in (2, 3, 4, 6, 9, 15)))


@given(numbers, st.sampled_from([" and ", " "]))
def test_whole_numbers(n: int, joint: str) -> None:
    assert said(str(n)) == said(f"{n:,}") == said(cardinal(n, joint))


def test_every_number_to_a_thousand_and_the_hundreds_after() -> None:
    for n in (*range(1100), *range(1100, 10000, 101)):
        assert said(str(n)) == said(cardinal(n)) == said(cardinal(n, " ")), n


@pytest.mark.parametrize("n", [*range(0, 130), 999, 1000, 1001, 2020, 12345, 10**6, 10**6 + 1, 10**15])
def test_as_num2words_says_them(n: int) -> None:
    num2words = pytest.importorskip("num2words").num2words
    assert said(str(n)) == said(num2words(n))
    if n:
        assert said(suffixed(n)) == said(num2words(n, to="ordinal"))
    assert said(f"-{n}") == said(f"minus {n}") == said(f"negative {cardinal(n)}")


@given(st.integers(1100, 2099))
def test_years(year: int) -> None:
    century, rest = divmod(year, 100)
    low = f"oh {_SMALL[rest]}" if 0 < rest < 10 else cardinal(rest) if rest else "hundred"
    assert said(str(year)) == said(f"{cardinal(century)} {low}") == said(cardinal(year)) == said(" ".join(str(year)))


@given(st.integers(1, 99), st.sampled_from([0, 100, 200, 1000, 2000, 2100, 10**6]))
def test_ordinals(low: int, high: int) -> None:
    assert said(suffixed(low + high)) == said(ordinal(low + high))


@given(st.integers(0, 999), st.text("0123456789", min_size=1, max_size=4))
def test_decimals(whole: int, decimals: str) -> None:
    digits = " ".join(_SMALL[int(d)] for d in decimals)
    assert said(f"{whole}.{decimals}") == said(f"{cardinal(whole)} point {digits}")
    assert said(f"{whole}.{decimals}%") == said(f"{cardinal(whole)} point {digits} per cent")


@given(st.integers(1, 999), st.integers(1, 9), st.sampled_from(["thousand", "million", "billion"]))
def test_decimals_of_millions(whole: int, tenth: int, scale: str) -> None:
    zeros = {"thousand": 3, "million": 6, "billion": 9}[scale]
    spoken = f"{cardinal(whole)} point {_SMALL[tenth]} {scale}"
    assert said(spoken) == said(f"{whole}.{tenth} {scale}") == said(f"{(whole * 10 + tenth) * 10 ** (zeros - 1):,}")


@given(st.lists(st.integers(0, 9), min_size=2, max_size=12))
def test_strings_of_digits(digits: list[int]) -> None:
    written = "".join(map(str, digits))
    assert said(written) == said(" ".join(_SMALL[d] for d in digits)) == said(" ".join(written))


@pytest.mark.parametrize(
    "alike",
    [
        "5.5|five and a half|5½|5 1/2|five and one half|five point five",
        "2.75|two and three quarters|2¾",
        "0.5|.5|point five|zero point five",
        "6,500,000|six and a half million|6.5 million|6½ million|six million five hundred thousand",
        "half a million|500,000|five hundred thousand|0.5 million",
        "205,000|two hundred and five thousand|205 thousand",
        "2,250,000|two million two hundred and fifty thousand|2 million 250 thousand",
        "1/2|one half|½|half",
        "2/3|two thirds|⅔",
        "3/4|three quarters|¾|three fourths",
        "757s|seven fifty seven s|seven hundred and fifty seven s",
        "1990s|nineteen nineties|1990's",
        "nought point five|0.5",
        "one oh one|101|a hundred and one|one hundred one",
        "ten to twelve|10 to 12|10–12|10-12",
        "555-1212|five five five one two one two",
        "COVID-19|covid nineteen|Covid dash nineteen",
    ],
)
def test_said_alike(alike: str) -> None:
    first, *others = [said(text) for text in alike.split("|")]
    assert others == [first] * len(others)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no one of the two", "no one of the two"),
        ("oh five of them", "oh five of them"),
        ("at this point five thousand", "at this point five thousand"),
        ("the point is", "the point is"),
        ("several hundred people", "several hundred people"),
        ("between five and six", "between five and six"),
        ("one third of it, a second one", "one third of it a second one"),
        ("a half", "a half"),
    ],
)
def test_words_that_are_no_numbers_stay(text: str, words: str) -> None:
    assert said(text) == words


def test_long_runs_take_no_longer_than_their_length() -> None:
    assert len(PACKS["english-1"].split("nine million " * 3000)) > 3000
    assert PACKS["english-1"].split("1" + "0" * 30000)[-1] == "quadrillion"
    for text in ("half past ", "five oh oh ", "dash ", "i i a ", "a a ", "x ", "double ", "one hundred and ", "$"):
        assert PACKS["english-1"].split(text * 3000) is not None

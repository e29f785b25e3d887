"""Money, times of day, dates and units come out alike however they are written or said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.normalisation.packs import PACKS

_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def said(text: str) -> str:
    return " ".join(PACKS["english-1"].split(text))


@pytest.mark.parametrize(
    "alike",
    [
        "$5.20|five dollars and twenty cents|five dollars twenty cents|five dollars twenty|$ 5.20",
        "$5|five dollars|five bucks|5 dollars|five dollar|5$",
        "a $5 bill|a five dollar bill",
        "a $100 bill|a hundred dollar bill|a one hundred dollar bill",
        "$1|one dollar|$1.00|a dollar",
        "$1.05|one dollar and five cents",
        "$0.99|ninety-nine cents|99¢|99 cents",
        "$5 million|five million dollars|$5,000,000|$5m",
        "$5.2 billion|five point two billion dollars|$5.2bn",
        "US$5|five US dollars",
        "£3.50|three pounds fifty|three pounds and fifty pence",
        "50p|fifty pence|fifty p",
        "€2|two euros",
        "10:00 AM|10 am|ten a.m.|ten o'clock a m",
        "10:30|ten thirty|half past ten",
        "12:45|a quarter to one|twelve forty-five",
        "10:05|ten oh five|five past ten",
        "5:15|quarter past five|a quarter past five",
        "17:00|seventeen hundred",
        "ten o'clock|10:00|10 o clock",
        "May 5, 2020|may fifth twenty twenty|May 5th, 2020|May the fifth 2020",
        "Dec. 24|december twenty-fourth|December 24th",
        "May 2020|may twenty twenty|may two thousand and twenty",
        "5 km|five kilometers|5km|five kilometres",
        "1 km|one kilometer",
        "6 ft|six feet|six foot",
        "150 lbs|a hundred and fifty pounds",
        "60 mph|sixty miles per hour",
        "25 bps|twenty five basis points",
        "5%|five percent|five per cent|5 %",
        "20°C|twenty degrees Celsius",
        "No. 5|number five|#5",
    ],
)
def test_said_alike(alike: str) -> None:
    first, *others = [said(text) for text in alike.split("|")]
    assert others == [first] * len(others)


@given(st.integers(1, 12), st.integers(0, 59), st.sampled_from(["", " AM", " p.m."]))
def test_times(hour: int, minutes: int, half: str) -> None:
    spoken = f"oh {_SMALL[minutes]}" if 0 < minutes < 10 else str(minutes) if minutes else "o'clock"
    assert said(f"{hour}:{minutes:02d}{half}") == said(f"{_SMALL[hour]} {spoken}{half}")


@given(st.integers(0, 2000), st.integers(1, 99), st.sampled_from([("$", "dollar", "cent"), ("€", "euro", "cent")]))
def test_prices(units: int, cents: int, money: tuple[str, str, str]) -> None:
    sign, unit, part = money
    many, parts = "s" * (units != 1), "s" * (cents != 1)
    spoken = f"{units} {unit}{many} and {cents} {part}{parts}" if units else f"{cents} {part}{parts}"
    assert said(f"{sign}{units}.{cents:02d}") == said(spoken)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("you may go in march", "you may go in march"),
        ("may one ask", "may one ask"),
        ("did you say no. then", "did you say no then"),
        ("a quarter of an hour, half an hour", "a quarter of an hour half an hour"),
        ("twenty second street", "twenty second st"),
        ("a 20 second delay", "a twenty second delay"),  # as "twenty second" is heard
    ],
)
def test_what_is_no_quantity_stays(text: str, words: str) -> None:
    assert said(text) == words

"""What is said for what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.spelling.graphones import ALPHABET
from engine.spelling.written import readings


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Hello", "hello"),
        ("well-known", "well known"),
        ("O\u2019Clock", "o'clock"),
        ("Łódź", "lodz"),
        ("a.m.", "a. m."),
        ("U.S", "u. s."),
        ("bbc", "b. b. c."),
        ("BBC's", "b. b. c.'s"),
        ("TVs", "t. v.'s"),
        ("dogs'", "dogs'"),
        ("42", "forty two"),
        ("1,000", "one thousand"),
        ("3.50", "three point five zero"),
        ("007", "zero zero seven"),
        ("1234567890", "one two three four five six seven eight nine zero"),
        ("21st", "twenty first"),
        ("0th", "zero"),
        ("mp3", "m. p. three"),
        ("R&D", "r. and d."),
        ("100%", "one hundred percent"),
        ("What?!", "what"),
    ],
)
def test_first_reading(text: str, first: str) -> None:
    assert " ".join(readings(text)[0]) == first


def test_years_and_abbreviations_have_two_readings() -> None:
    assert readings("1984") == (
        ("nineteen", "eighty", "four"),
        ("one", "thousand", "nine", "hundred", "and", "eighty", "four"),
    )
    assert readings("NASA") == (("nasa",), ("n.", "a.", "s.", "a."))


def test_another_script_and_an_unknown_sign_are_named() -> None:
    with pytest.raises(ValueError, match="'п'"):
        readings("привет")
    with pytest.raises(ValueError, match="'\u20ac'"):
        readings("5\u20ac")


@given(st.text(max_size=30))
def test_any_text_is_read_as_plain_letters_or_refused(text: str) -> None:
    try:
        ways = readings(text)
    except ValueError:
        return
    assert ways
    for way in ways:
        assert way
        for word in way:
            assert set(word) <= {*ALPHABET, "."}
            assert word.strip("'")

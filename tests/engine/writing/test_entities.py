"""Entities as a table: what is said, what is written, and what the protocol calls it."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.writing.entities import BREAK, find_entities, open_from, release
from harness.measures.normalisation.packs import normaliser

num2words = pytest.importorskip("num2words", reason="num2words is not installed (extra: dev)").num2words

WRITTEN = [
    ("nineteen people", "19 people", "cardinal"),
    ("ten people", "ten people", ""),
    ("one two three", "one two three", ""),
    ("one two three four", "one two three four", ""),
    ("zero", "zero", ""),
    ("one thousand nine hundred and ninety nine", "1,999", "cardinal"),
    ("two million three hundred thousand and five", "2,300,005", "cardinal"),
    ("one million one million", "1 million 1 million", "cardinal cardinal"),
    ("five million people", "5 million people", "cardinal"),
    ("twenty five hundred", "2,500", "cardinal"),
    ("one hundred thousand", "100,000", "cardinal"),
    ("a hundred years", "a hundred years", ""),
    ("a hundred and five years", "105 years", "cardinal"),
    ("six hundred and", "600 and", "cardinal"),
    ("twenty thirty forty", "twenty thirty forty", ""),
    ("eight thirty", "eight thirty", ""),
    ("twelve twelve", "twelve twelve", ""),
    ("eighteen point one two", "18.12", "decimal"),
    ("point five", "0.5", "decimal"),
    ("two and a half years", "two and a half years", ""),
    ("three sixteenths of it", "3/16 of it", "fraction"),
    ("two thirds of it", "two thirds of it", ""),
    ("forty second", "42nd", "ordinal"),
    ("the seventh time", "the seventh time", ""),
    ("one hundred and twenty eighth", "128th", "ordinal"),
    ("two hundredth", "200th", "ordinal"),
    ("twenty first century", "21st century", "ordinal"),
    ("twenty dollars", "$20", "money"),
    ("one dollar", "$1", "money"),
    ("a hundred dollars", "$100", "money"),
    ("a five dollar bill", "a five dollar bill", ""),
    ("twenty dollars and fifty cents", "$20.50", "money"),
    ("five pounds ten", "£5 ten", "money"),
    ("two and a half million dollars", "$2.5 million", "money"),
    ("two hundred million pounds", "£200 million", "money"),
    ("two hundred percent", "200%", "percentage"),
    ("zero point five per cent", "0.5%", "percentage"),
    ("two and a half percent", "2.5%", "percentage"),
    ("fifteenth of january twenty twenty two", "15th of January 2022", "date"),
    ("january fifth", "January 5th", "date"),
    ("january the fifth nineteen ninety nine", "January the 5th 1999", "date"),
    ("may fifth", "May 5th", "date"),
    ("i may five times", "i may five times", ""),
    ("march ten miles", "march ten miles", ""),
    ("nineteen ninety nine", "1999", "date"),
    ("nineteen oh five", "1905", "date"),
    ("in two thousand and five", "in 2005", "date"),
    ("two thousand and five people", "2,005 people", "cardinal"),
    ("the nineteen eighties", "the 1980s", "date"),
    ("eleven forty a m", "11:40 a.m.", "time"),
    ("eleven oh five p m", "11:05 p.m.", "time"),
    ("at eight thirty", "at 8:30", "time"),
    ("half past three", "3:30", "time"),
    ("a quarter to one", "12:45", "time"),
    ("three o'clock", "3 o'clock", "time"),
    ("one hundred to two hundred million pounds", "100 to £200 million", "span"),
    ("five to ten percent", "5 to 10%", "span"),
    ("four two nine seven", "4297", "alphanum"),
    ("a z triple seven five four", "AZ77754", "alphanum"),
    ("i b m", "IBM", "alphanum"),
    ("a b", "a b", ""),
    ("five five five four two nine two two two eight", "(555) 429-2228", "telephone"),
    ("one eight oh oh five five five one two one two", "1 (800) 555-1212", "telephone"),
    (" ".join(["one"] * 4 + ["two"] * 4 + ["three"] * 4 + ["four"] * 4), "1111 2222 3333 4444", "credit card"),
    ("bob at speechmatics dot com", "bob@speechmatics.com", "electronic"),
    ("w w w dot example dot org", "www.example.org", "electronic"),
    ("look at this dot", "look at this dot", ""),
    ("ten kilometers per second", "10 km/s", "measurement"),
    ("sixty miles per hour", "60 mph", "measurement"),
    ("meet me at six p m on the third of july", "meet me at 6 p.m. on the 3rd of July", "time date"),
]
# Where the gate's normaliser knows one form only: the two would count as different words.
APART = {"three sixteenths of it", "ten kilometers per second"}


def written(spoken: str) -> tuple[str, str]:
    words, out, at, kinds = spoken.split(), [], 0, []
    for entity in find_entities(words):
        out += [*words[at : entity.first], entity.text]
        at = entity.end
        kinds.append(entity.kind)
    return " ".join([*out, *words[at:]]), " ".join(kinds)


@pytest.mark.parametrize(("spoken", "text", "kinds"), WRITTEN)
def test_the_golden_table(spoken: str, text: str, kinds: str) -> None:
    assert written(spoken) == (text, kinds)


@pytest.mark.parametrize("spoken", [row[0] for row in WRITTEN if row[0] not in APART])
def test_written_and_spoken_are_the_same_words_to_the_gate(spoken: str) -> None:
    pack = normaliser("english-1")
    assert pack.split(written(spoken)[0]) == pack.split(spoken)


@given(st.integers(11, 999_999_999))
def test_the_digits_have_the_value_that_was_said(value: int) -> None:
    spoken = num2words(value).replace("-", " ").replace(",", "")
    entity, *more = find_entities(["about", *spoken.split(), "people"])
    assert not more
    head, _, scale = entity.text.replace(",", "").partition(" ")
    assert int(head) * {"": 1, "million": 10**6}[scale] == value
    assert (entity.first, entity.end) == (1, 1 + len(spoken.split()))


@given(st.integers(11, 999), st.integers(0, 9_999))
def test_decimals_and_money_keep_their_value(whole: int, tail: int) -> None:
    spoken = num2words(whole).replace("-", " ") + " point " + " ".join(num2words(int(digit)) for digit in str(tail))
    assert written(spoken)[0] == f"{whole}.{tail}"
    assert written(f"{spoken} percent")[0] == f"{whole}.{tail}%"
    assert written(f"{num2words(whole).replace('-', ' ')} dollars")[0] == f"${whole}"


@given(st.integers(11, 9_999))
def test_ordinals_keep_their_value(value: int) -> None:
    spoken = num2words(value, to="ordinal").replace("-", " ").replace(",", "")
    assert written(spoken)[0].replace(",", "")[:-2] == str(value)


VOCABULARY = sorted({word for row in WRITTEN for word in row[0].split()})


@given(st.lists(st.sampled_from(VOCABULARY), max_size=20))
def test_entities_lie_apart_in_order_and_share_out_their_words(words: list[str]) -> None:
    at = 0
    for entity in find_entities(words):
        assert at <= entity.first < entity.end <= len(words)
        assert sum(word.spoken for word in entity.written) == entity.end - entity.first
        assert all(word.spoken >= 0 and word.text for word in entity.written)
        at = entity.end


@dataclass(frozen=True)
class Word:
    text: str
    start: int
    end: int


def placed(text: str) -> list[Word]:
    return [Word(word, 8_000 * at, 8_000 * at + 6_000) for at, word in enumerate(text.split())]


@pytest.mark.parametrize(
    ("text", "open_words"),
    [
        ("it was twenty", 1),
        ("it was twenty people", 0),
        ("on the fifth", 1),
        ("on the fifth of", 2),
        ("he said five hundred and", 3),
        ("he said and", 0),
        ("in january", 1),
        ("my code is b seven", 2),
        ("i think", 0),
        ("", 0),
    ],
)
def test_which_last_words_may_go_on_as_an_entity(text: str, open_words: int) -> None:
    words = placed(text)
    now = words[-1].end if words else 0
    assert len(words) - open_from(words, now) == open_words
    assert open_from(words, now + BREAK) == len(words)


def test_an_entity_is_released_whole() -> None:
    words = placed("it cost twenty five dollars in june and")
    ends = [word.end for word in words]
    assert release(words, ends[1], ends[-1]) == ends[1]
    assert release(words, ends[2], ends[-1]) == ends[1]
    assert release(words, ends[3], ends[-1]) == ends[1]
    assert release(words, ends[4], ends[-1]) == ends[4]
    assert release(words[:4], ends[3], ends[3]) == ends[1]
    assert release(words[:4], ends[3], ends[3] + BREAK) == ends[3]
    assert release(words[2:4], ends[3], ends[3]) < words[2].end
    assert release([], 5, 5) == 5

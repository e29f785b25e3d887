"""The writer: capitals, marks, entities and filters over a stream."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.writing.entities import BREAK, release
from engine.writing.style import Style, read_style
from engine.writing.writer import Item, Writer, text_of, write_all


@dataclass(frozen=True)
class Word:
    text: str
    start: int
    end: int
    confidence: float = 0.5


def speech(text: str) -> tuple[Word, ...]:
    """Words of a quarter of a second; a number is a pause in seconds."""
    words, at = [], 0
    for part in text.split():
        if part[0].isdigit():
            at += round(float(part) * 16_000)
        else:
            words.append(Word(part, at, at + 4_000))
            at += 4_000
    return tuple(words)


def written(text: str, **asked: Any) -> str:
    return text_of(write_all(speech(text), read_style(asked))).strip()


FILTERED = {"transcript_filtering_config": {"remove_disfluencies": True}}


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("hello", "Hello."),
        ("good morning 0.3 everyone 0.8 welcome to the call", "Good morning, everyone. Welcome to the call."),
        ("the door was open 0.8 is it true", "The door was open. Is it true?"),
        ("how much did you pay", "How much did you pay?"),
        ("i paid twenty dollars in london", "I paid $20 in London."),
        ("twenty 1.1 two", "20, two."),
    ],
)
def test_what_is_written(spoken: str, text: str) -> None:
    assert written(spoken) == text


def test_permitted_marks_and_sensitivity() -> None:
    text = "good morning 0.3 ladies and gentlemen 0.8 is it true"
    assert (
        written(text, punctuation_overrides={"permitted_marks": []}) == "good morning ladies and gentlemen is it true"
    )
    assert written(text, punctuation_overrides={"permitted_marks": ["."]}).count(".") == 2
    few = written(text, punctuation_overrides={"sensitivity": 0})
    many = written(text, punctuation_overrides={"sensitivity": 1})
    assert sum(map(few.count, ",.?")) < sum(map(many.count, ",.?"))


def test_disfluencies_are_tagged_or_removed() -> None:
    items = write_all(speech("um what would you like"))
    assert [item.tags for item in items[:2]] == [("disfluency",), ()]
    assert written("um what would you like hmm", **FILTERED) == "What would you like?"


def test_replacements_see_the_written_words() -> None:
    rules = [{"from": "Hello", "to": "Goodbye"}, {"from": "/(\\d)/", "to": "<$1>"}]
    text = written("hello twenty five people", transcript_filtering_config={"replacements": rules})
    assert text == "Goodbye, <2><5> people."


def test_an_entity_has_both_forms_and_their_times() -> None:
    words = speech("on the seventeenth of january twenty twenty two")
    entity = next(item for item in write_all(words, Style(entities=True)) if item.kind == "entity")
    assert (entity.text, entity.entity_class) == ("17th of January 2022", "date")
    assert (entity.start, entity.end) == (words[2].start, words[-1].end)
    assert [item.text for item in entity.spoken] == [word.text for word in words[2:]]
    assert [item.text for item in entity.written] == ["17th", "of", "January", "2022"]
    assert (entity.written[-1].start, entity.written[-1].end) == (words[5].start, words[7].end)
    plain = [item.text for item in write_all(words)]
    assert plain == ["On", "the", "17th", "of", "January", "2022", "."]


def test_bare_words_stay_bare() -> None:
    words = speech("um i paid twenty dollars 2 in london")
    writer = Writer(read_style({**FILTERED, "enable_entities": True}, spoken=True))
    items = (*writer.step(words[:3], words[3:], 0), *writer.preview(words[3:4], 0), *writer.end(words[4:], 0))
    assert [(item.kind, item.text, item.start, item.end) for item in items] == [
        ("word", word.text, word.start, word.end) for word in words
    ]


def test_a_number_that_may_go_on_is_not_written_in_halves() -> None:
    words = speech("twenty two hundred dollars he said")
    writer = Writer(Style(marks=frozenset()))
    parts = [writer.step(words[:1], (), words[0].end), writer.step(words[1:4], words[4:], words[-1].end)]
    assert [text_of(part) for part in parts] == ["twenty ", "two hundred dollars "]


def test_no_mark_stands_within_a_number() -> None:
    words = speech("twenty 0.7 two 0.7 hundred 0.7 dollars he said")
    writer = Writer(Style(sensitivity=1.0))
    parts = [writer.step((word,), words[at + 1 :], words[-1].end) for at, word in enumerate(words[:3])]
    assert [text_of(part).strip(".,? ").lower() for part in parts] == [word.text for word in words[:3]]
    assert [item.kind for part in parts for item in part] == ["word"] * 3
    alone = Writer(Style(sensitivity=1.0)).step(words[:1], (), words[0].end + 8_000)
    assert [item.kind for item in alone] == ["word"]


def test_the_mark_may_come_after_its_word() -> None:
    writer = Writer(Style())
    first = writer.step(speech("thank you very"), speech("thank you very much")[3:], 16_000)
    assert text_of(first) == "Thank you very "
    assert text_of(writer.end((), 32_000)) == ". "
    assert writer.end((), 48_000) == ()
    assert text_of(writer.end(speech("good"), 64_000)) == "Good. "


def test_a_preview_changes_nothing_and_ends_with_no_mark() -> None:
    words = speech("i paid twenty dollars in london")
    one, two = Writer(Style()), Writer(Style())
    assert text_of(one.preview(words, 40_000)) == "I paid $20 in London "
    assert one.end(words, 40_000) == two.end(words, 40_000)


PARTS = """um i paid twenty two hundred and five dollars on the fifth of may 0.4 0.9 1.3 how much did you in new york
well a b c thank seven point"""
SPOKEN = st.lists(st.sampled_from(PARTS.split()), min_size=1, max_size=24)


@settings(deadline=None)
@given(SPOKEN, st.data())
def test_in_pieces_as_in_one(parts: list[str], data: st.DataObject) -> None:
    words = speech(" ".join(parts))
    now = (words[-1].end if words else 0) + BREAK
    style = data.draw(st.sampled_from([Style(), Style(entities=True), Style(remove_disfluencies=True)]))
    whole = Writer(style).end(words, now)
    writer, pieces, at = Writer(style), [], 0
    while at < len(words):
        until = release(words[at:], data.draw(st.integers(words[at].end, now)), now)
        end = at + sum(1 for word in words[at:] if word.end <= until)
        end = len(words) if end == at else end
        pieces += writer.step(words[at:end], words[end:], now) if end < len(words) else writer.end(words[at:], now)
        at = end
    assert _undecided(pieces) == _undecided(whole)


def _undecided(items: Any) -> list[tuple[str, str, int, int]]:
    return [(item.kind, item.text, item.start, item.end) for item in items]


@given(SPOKEN)
def test_items_are_in_order_within_the_words(parts: list[str]) -> None:
    words = speech(" ".join(parts))
    items: tuple[Item, ...] = write_all(words)
    assert [item.start for item in items] == sorted(item.start for item in items)
    if words:
        assert items[-1].kind == "punctuation"
        assert items[-1].end == words[-1].end


@given(st.lists(st.text(max_size=6) | st.sampled_from(PARTS.split()), max_size=12))
def test_any_words_can_be_written(texts: list[str]) -> None:
    words = [Word(text, 4_000 * at, 4_000 * at + 3_000) for at, text in enumerate(texts)]
    writer = Writer(Style(entities=True))
    items = (*writer.step(words[:5], words[5:], 48_000), *writer.end(words[5:], 48_000))
    plain = [word for item in items for word in (item.spoken or (item,)) if item.kind != "punctuation"]
    assert [(item.start, item.end) for item in plain] == [(word.start, word.end) for word in words]

"""What of an additional_vocab is taken, what is left out with a word about it, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dictionary.entries import MOST_ENTRIES, MOST_SOUNDS, Entry, checksum, read_entries
from engine.protocol import ErrorType, MessageError


def test_strings_and_objects_are_entries_in_alphabetical_order() -> None:
    value = [
        "Zürich",
        {"content": " financial \n crisis "},
        {"content": "gnocchi", "sounds_like": ["nyohki", "nokey"]},
        {"content": "CEO", "sounds_like": None},
        {"content": "gnocchi", "sounds_like": ["nochi", "nokey"]},
    ]
    entries, told = read_entries(value)
    assert entries == (
        Entry("CEO"), Entry("Zürich"), Entry("financial crisis"), Entry("gnocchi", ("nyohki", "nokey", "nochi"))
    )  # fmt: skip
    assert told == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("gnocchi", "send a list"),
        ({"content": "gnocchi"}, "send a list"),
        (3, "send a list"),
        (["a"] * (MOST_ENTRIES + 1), "1001 entries; send at most 1000"),
        ([""], r"\[0\] is ''"),
        (["x", " \t"], r"\[1\]"),
        ([None], r"\[0\] is None"),
        ([{"sounds_like": ["x"]}], "an object with content"),
        ([{"content": 3}], r"\[0\].content is 3"),
        ([{"content": "x", "sounds_like": "y"}], r"\[0\].sounds_like"),
        ([{"content": "x", "sounds_like": ["y", ""]}], r"sounds_like\[1\]"),
        ([{"content": "x", "soundslike": []}], "unknown field 'soundslike'"),
        (["bell\x07"], r"U\+0007"),
        (["half \ud800"], r"U\+D800"),
    ],
)
def test_what_is_no_vocabulary_is_refused(value: Any, words: str) -> None:
    with pytest.raises(MessageError, match=words) as caught:
        read_entries(value)
    assert caught.value.type is ErrorType.INVALID_CONFIG
    assert "additional_vocab" in caught.value.reason


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("one two three four five six seven", "more than 6 words"),
        ("a" * 101, "more than 100 letters"),
        ("ニョッキ", "cannot be said"),
        ({"content": "ニョッキ", "sounds_like": ["ニョッキ"]}, "cannot be said"),
        ("...", "cannot be said"),
    ],
)
def test_what_nobody_could_hear_is_left_out_and_said(item: Any, words: str) -> None:
    entries, told = read_entries(["gnocchi", item])
    assert entries == (Entry("gnocchi"),)
    assert len(told) == 1
    assert words in told[0]


def test_another_script_is_written_as_asked_when_its_sound_is_given() -> None:
    entries, told = read_entries([{"content": "ニョッキ", "sounds_like": ["nyohki", "ニョッキ"]}])
    assert entries == (Entry("ニョッキ", ("nyohki",)),)
    assert "is to sound like, cannot be said" in told[0]


def test_many_problems_are_one_warning_of_bounded_length() -> None:
    _, told = read_entries(["日" * (100 + place) for place in range(50)])
    assert len(told) == 1
    assert "and 45 more" in told[0]
    assert len(told[0]) < 1_000


def test_no_more_ways_than_can_be_searched_are_taken() -> None:
    ways = [f"nyoh{'k' * place}ee" for place in range(1, 30)]
    entries, _ = read_entries([{"content": "gnocchi", "sounds_like": ways}, {"content": "gnocchi"}])
    assert entries[0].sounds_like == tuple(ways[:MOST_SOUNDS])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["content", "sounds_like", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values | st.lists(json_values, max_size=6))
def test_whatever_is_sent_is_read_or_refused(value: Any) -> None:
    refusals: list[MessageError] = []
    entries: tuple[Entry, ...] = ()
    try:
        entries, _ = read_entries(value)
    except MessageError as refused:
        refusals.append(refused)
    assert all(refused.type is ErrorType.INVALID_CONFIG for refused in refusals)
    assert all(isinstance(entry, Entry) and entry.content for entry in entries)


@given(st.permutations(["gnocchi", "Zürich", "CEO", "financial crisis"]))
def test_the_order_of_entries_does_not_matter(value: list[str]) -> None:
    assert checksum(read_entries(value)[0]) == checksum(read_entries(sorted(value))[0])


def test_the_checksum_tells_sounds_from_contents() -> None:
    made = [(Entry("a"), Entry("b")), (Entry("a", ("b",)),), (Entry("a b"),), (Entry("a"),)]
    assert len({checksum(entries) for entries in made}) == len(made)

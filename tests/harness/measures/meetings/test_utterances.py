"""Words and segments become utterances, and normalised words keep their times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.meetings.utterances import UNNAMED, Utterance, normalised, of_segments, of_words
from harness.measures.normalisation.packs import PACKS
from testsets.formats.segment import Segment
from testsets.transcript import Word

RATE = 1_000


def _texts(utterances: tuple[Utterance, ...]) -> list[tuple[str, str]]:
    return [(u.speaker, " ".join(w.text for w in u.words)) for u in utterances]


def test_a_pause_ends_an_utterance_and_another_speaker_does_not() -> None:
    words = [
        Word("one", 0, 400, speaker="a"),
        Word("yes", 300, 500, speaker="b"),
        Word("two", 900, 1200, speaker="a"),
        Word("three", 1701, 1900, speaker="a"),
    ]
    assert _texts(of_words(words, RATE)) == [("a", "one two"), ("b", "yes"), ("a", "three")]
    assert _texts(of_words(reversed(words), RATE)) == _texts(of_words(words, RATE))
    assert _texts(of_words(words, RATE, pause_ms=501)) == [("a", "one two three"), ("b", "yes")]


def test_a_word_inside_a_longer_one_does_not_shorten_it() -> None:
    words = [Word("long", 0, 2000), Word("short", 100, 200), Word("next", 2300, 2500)]
    assert _texts(of_words(words, RATE)) == [(UNNAMED, "long short next")]


def test_without_times_a_change_of_speaker_ends_an_utterance() -> None:
    words = [
        Word("one", speaker="a"),
        Word("two", speaker="a"),
        Word("yes", speaker="b"),
        Word("three", 0, 1, None, "a"),
    ]
    assert _texts(of_words(words, RATE)) == [("a", "one two"), ("b", "yes"), ("a", "three")]


def test_words_share_a_segment_by_characters() -> None:
    utterance = of_segments([Segment("m", 1000, 1800, "a", "abc b"), Segment("m", text="no times")])
    assert [(w.start, w.end) for w in utterance[0].words] == [(1000, 1600), (1600, 1800)]
    assert utterance[1] == Utterance(UNNAMED, (Word("no", speaker=UNNAMED), Word("times", speaker=UNNAMED)))


@given(st.lists(st.text("ab", min_size=1, max_size=4), max_size=6), st.integers(0, 50), st.integers(0, 50))
def test_shared_times_fill_the_segment_without_gaps(texts: list[str], start: int, length: int) -> None:
    (utterance,) = of_segments([Segment("m", start, start + length, "a", " ".join(texts))])
    edges = [start, *(w.end for w in utterance.words)]
    assert [w.text for w in utterance.words] == texts
    assert [w.start for w in utterance.words] == edges[:-1]
    assert not texts or edges[-1] == start + length


def test_normalised_words_keep_their_times() -> None:
    words = (Word("Well,", 0, 300), Word("it's", 300, 500), Word("half-way", 500, 1200), Word("--", 1200, 1300))
    (found,) = normalised([Utterance("a", words)], PACKS["basic"].split)
    assert [(w.text, w.start, w.end) for w in found.words] == [
        ("well", 0, 300),
        ("it's", 300, 500),
        ("half", 500, 900),
        ("way", 900, 1200),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("twenty one", "21", [("on", 0, 100), ("21", 100, 500)]),
        ("on twenty", "by 20", [("by", 0, 150), ("20", 150, 300), ("one", 300, 500)]),
        ("twenty one", "", [("on", 0, 100)]),
        ("on twenty one", "x on twenty one", [("x", 0, 100), ("on", 0, 100), ("twenty", 100, 300), ("one", 300, 500)]),
        ("on twenty one", "on y twenty one", [("on", 0, 100), ("y", 0, 100), ("twenty", 100, 300), ("one", 300, 500)]),
    ],
)
def test_what_only_the_whole_utterance_shows_shares_the_time_of_what_it_replaces(
    old: str, new: str, expected: list[tuple[str, int, int]]
) -> None:
    words = (Word("on", 0, 100), Word("twenty", 100, 300), Word("one", 300, 500))
    (found,) = normalised([Utterance("a", words)], lambda text: text.replace(old, new).split())
    assert [(w.text, w.start, w.end) for w in found.words] == expected


def test_words_that_alone_are_none_share_the_first_one() -> None:
    words = (Word("a", 0, 100), Word("b", 100, 200))
    (found,) = normalised([Utterance("s", words)], lambda text: ["ab"] if " " in text else [])
    assert [(w.text, w.start, w.end) for w in found.words] == [("ab", 0, 100)]


def test_an_utterance_that_normalises_to_nothing_stays_an_utterance() -> None:
    assert normalised([Utterance("a", (Word("--"),))], PACKS["basic"].split) == (Utterance("a", ()),)

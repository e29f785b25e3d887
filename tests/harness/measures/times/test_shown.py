"""Which word of a partial is which final word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.measures.times.shown import showings
from testsets.events import Event, Kind
from testsets.transcript import Word

MS = 1_000_000


def times(found) -> list[tuple[int, int, int]]:
    return [(s.first_ns // MS, s.settled_ns // MS, s.final_ns // MS) for s in found]


def test_a_partial_marks_the_nearest_word_of_the_same_text(logs) -> None:
    found = logs.log(
        *logs.audio(20),
        logs.partial(300, ("No", 110, 190)),
        logs.partial(700, ("no", 100, 200), ("no", 500, 590)),
        logs.final(1_500, ("no", 100, 200), ("no,", 500, 600), (".", 600, 600)),
        logs.end,
    )
    assert times(showings(found)) == [(300, 300, 1_500), (700, 700, 1_500)]


def test_the_same_word_far_away_is_another_word(logs) -> None:
    found = logs.log(logs.partial(300, ("no", 0, 100)), logs.final(1_500, ("no", 800, 900)))
    assert times(showings(found)) == [(1_500, 1_500, 1_500)]


def test_partials_without_times_are_matched_in_order(logs) -> None:
    found = logs.log(
        logs.partial(100, "no"),
        logs.partial(200, "no", "know"),
        logs.partial(300, "no", "no", "oh"),
        logs.final(400, ("no", 0, 90), ("no", 110, 190), ("yes", 250, 290)),
        logs.partial(500, "no"),
        logs.final(600, ("no", 410, 490)),
    )
    assert times(showings(found)) == [(100, 100, 400), (300, 300, 400), (400, 400, 400), (500, 500, 600)]


def test_a_wire_that_repeats_finals_in_its_partials_changes_nothing(logs) -> None:
    found = logs.log(
        logs.partial(100, ("one", 0, 90)), logs.final(200, ("one", 0, 90)), logs.partial(300, ("one", 0, 90))
    )
    assert times(showings(found)) == [(100, 100, 200)]


@given(data=st.data())
def test_first_is_before_settled_is_before_final_with_and_without_times(logs, data) -> None:
    words = data.draw(logs.spoken)
    found = logs.session(words, wrong=data.draw(st.lists(st.booleans(), max_size=30)))
    bare = [
        Event(e.kind, e.wall_ns, words=tuple(Word(w.text) for w in e.words)) if e.kind is Kind.PARTIAL else e
        for e in found.events
    ]
    for log in (found, logs.log(*bare)):
        got = showings(log)
        assert [s.word.text for s in got] == [text for text, _, _ in words]
        assert all(s.first_ns <= s.settled_ns <= s.final_ns for s in got)

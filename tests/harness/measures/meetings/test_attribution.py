"""Right words, wrong speaker."""

from __future__ import annotations

from harness.measures.counts import WordErrors
from harness.measures.meetings.errors import MeetingErrors
from harness.measures.meetings.utterances import Utterance
from harness.measures.meetings.values import AttributionErrors
from testsets.transcript import Word

Said = list[tuple[str, str]]


def _untimed(said: Said) -> list[Utterance]:
    return [Utterance(speaker, tuple(map(Word, text.split()))) for speaker, text in said]


def _timed(said: list[tuple[str, str, int]]) -> list[Utterance]:
    return [
        Utterance(s, tuple(Word(w, 1000 * (at + i), 1000 * (at + i + 1)) for i, w in enumerate(text.split())))
        for s, text, at in said
    ]


def _errors(reference: Said, hypothesis: Said) -> MeetingErrors:
    return MeetingErrors(_untimed(reference), _untimed(hypothesis), 1_000)


def test_right_speakers_by_any_name() -> None:
    found = _errors([("a", "one two"), ("b", "three four")], [("7", "three for"), ("9", "one two")]).attribution
    assert found.errors == AttributionErrors(0, 3, 0, 1)


def test_an_utterance_given_to_another_speaker() -> None:
    said = [("a", "one two three"), ("b", "four five"), ("a", "six seven")]
    heard = [("x", "one two three"), ("y", "four five"), ("y", "six ate")]
    found = _errors(said, heard).attribution
    assert found.errors == AttributionErrors(1, 6, 1, 1)
    assert found.errors.wder == 2 / 7


def test_an_utterance_torn_between_two_speakers_is_seen_by_moving_the_hypothesis() -> None:
    said = [("a", "one two three four"), ("b", "but no"), ("a", "five six")]
    heard = [("x", "one two three"), ("y", "but no"), ("y", "four"), ("x", "five six")]
    found = _errors(said, heard).attribution
    assert (found.errors, found.moved) == (AttributionErrors(1, 8), "hypothesis")


def test_two_speakers_taken_for_one_are_seen_by_moving_the_reference() -> None:
    said = [("a", "one two three"), ("c", "but no"), ("b", "four")]
    found = _errors(said, [("x", "one two three four"), ("y", "but no")]).attribution
    assert (found.errors, found.moved) == (AttributionErrors(1, 6), "reference")


def test_utterances_torn_on_both_sides_are_seen_in_order_of_time() -> None:
    said, heard = (
        [("a", "one two three"), ("b", "four five six")],
        [("x", "one two"), ("y", "three four"), ("x", "five six")],
    )
    found = _errors(said, heard)
    assert found.joined == WordErrors(reference=6)
    assert (found.attribution.errors, found.attribution.moved) == (AttributionErrors(3, 6), "nothing")


def test_words_far_apart_in_time_are_no_right_words() -> None:
    said, heard = _timed([("a", "one", 0), ("b", "two", 3)]), _timed([("x", "two", 0), ("y", "one", 30)])
    assert MeetingErrors(said, heard, 1_000, collar_ms=1_000).attribution.errors == AttributionErrors(0, 0, 0, 1)


def test_nothing_said_or_nothing_heard() -> None:
    assert _errors([], [("x", "one")]).attribution.errors == AttributionErrors()
    assert _errors([("a", "one")], []).attribution.errors.rate is None

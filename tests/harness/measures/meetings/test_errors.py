"""Every measure of a meeting by its name."""

from __future__ import annotations

from harness.measures.counts import WordErrors
from harness.measures.meetings.errors import MeetingErrors, meeting_errors
from harness.measures.meetings.utterances import Utterance
from harness.measures.meetings.values import SpeakerCountErrors
from testsets.transcript import Word


def _words(speaker: str, text: str, start: int) -> list[Word]:
    return [Word(w, start + 300 * i, start + 300 * i + 200, None, speaker) for i, w in enumerate(text.split())]


def test_from_words() -> None:
    said = _words("a", "good morning", 0) + _words("b", "hello there", 500) + _words("a", "shall we start", 5_000)
    heard = _words("x", "good morning", 50) + _words("y", "hello", 550) + _words("y", "shall we start", 5_050)
    found = meeting_errors(said, heard, 1_000, collar_ms=500)
    assert (found.cp.errors.errors, found.cp.errors.total) == (4, 7)
    assert found.orc.errors == WordErrors(0, 1, 0, 7)
    assert found.orc.speakers == ("x", "y", "y")
    assert found.dicp.errors == WordErrors(0, 1, 0, 7)
    for untimed, timed in ((found.cp, found.tcp), (found.orc, found.tcorc), (found.dicp, found.ditcp)):
        assert timed is not None
        assert timed.errors.errors >= untimed.errors.errors
    assert found.attribution.errors.rate == 3 / 6
    assert found.speakers == SpeakerCountErrors(0, 0, 2)


def test_without_times_measures_with_a_collar_are_undefined() -> None:
    found = MeetingErrors([Utterance("a", (Word("one"),))], [Utterance("x", (Word("one", 0, 5),))], 1_000)
    assert (found.tcp, found.tcorc, found.ditcp) == (None, None, None)
    assert found.cp.errors == found.orc.errors == found.dicp.errors == WordErrors(reference=1)


def test_utterances_of_one_speaker_are_taken_in_order_of_time() -> None:
    late, early = (
        Utterance("a", tuple(_words("a", "three four", 900))),
        Utterance("a", tuple(_words("a", "one two", 0))),
    )
    heard = [Utterance("x", tuple(_words("x", "one two three four", 0)))]
    assert MeetingErrors([late, early], heard, 1_000).cp.errors == WordErrors(reference=4)
    assert MeetingErrors([late, early], heard, 1_000).dicp.speakers == ("a",)

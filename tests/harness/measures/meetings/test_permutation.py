"""cpWER and tcpWER where the answer is known."""

from __future__ import annotations

from harness.measures.counts import WordErrors
from harness.measures.meetings.meeting import Meeting, Side
from harness.measures.meetings.permutation import permuted
from harness.measures.meetings.utterances import Utterance
from harness.measures.meetings.values import SpeakerCountErrors
from harness.measures.words.alignment import word_errors
from testsets.transcript import Word


def _meeting(reference: dict[str, str], hypothesis: dict[str, str]) -> Meeting:
    sides = [
        Side.of([Utterance(speaker, tuple(map(Word, text.split()))) for speaker, text in side.items()])
        for side in (reference, hypothesis)
    ]
    return Meeting(sides[0], sides[1], 16_000, 5_000)


def test_speakers_are_matched_so_that_errors_are_fewest() -> None:
    found = permuted(_meeting({"a": "one two", "b": "three"}, {"x": "three", "y": "one too"}), timed=False)
    assert found.pairs == (("a", "y"), ("b", "x"))
    assert found.errors == WordErrors(1, 0, 0, 3)
    assert found.speakers == SpeakerCountErrors(0, 0, 2)


def test_a_speaker_too_many_is_all_inserted_and_one_too_few_all_deleted() -> None:
    more = permuted(_meeting({"a": "a b"}, {"x": "z", "y": "a e f"}), timed=False)
    assert (more.errors, more.pairs) == (WordErrors(1, 0, 2, 2), (("a", "y"), (None, "x")))
    assert more.speakers == SpeakerCountErrors(0, 1, 1)
    fewer = permuted(_meeting({"a": "z", "b": "a e f"}, {"x": "a b"}), timed=False)
    assert (fewer.errors, fewer.pairs) == (WordErrors(1, 2, 0, 4), (("a", None), ("b", "x")))
    assert fewer.speakers == SpeakerCountErrors(1, 0, 2)


def test_empty_sides() -> None:
    assert permuted(_meeting({}, {}), timed=False).errors == WordErrors()
    assert permuted(_meeting({}, {"x": "a b"}), timed=False).errors == WordErrors(insertions=2)
    assert permuted(_meeting({"a": "a b"}, {}), timed=False).errors == WordErrors(deletions=2, reference=2)
    assert permuted(_meeting({}, {"x": "a b"}), timed=True).errors.rate is None


def test_one_speaker_gives_the_counts_of_plain_word_errors() -> None:
    truth, heard = "a b c d b a c", "b c c b d a"
    found = permuted(_meeting({"a": truth}, {"x": heard}), timed=False)
    assert found.errors == word_errors(truth.split(), heard.split())


def test_thirty_speakers_are_matched_exactly() -> None:
    truth = {f"r{i}": f"{i} of thirty" for i in range(30)}
    heard = {f"h{i}": f"{(i * 7) % 30} of thirty" for i in range(30)}
    found = permuted(_meeting(truth, heard), timed=False)
    assert found.errors == WordErrors(reference=90)
    assert set(found.pairs) == {(f"r{(i * 7) % 30}", f"h{i}") for i in range(30)}

"""ORC-WER and DI-cpWER where the answer is known, and how they stand to cpWER."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.counts import WordErrors
from harness.measures.meetings.meeting import Meeting, Side
from harness.measures.meetings.permutation import permuted
from harness.measures.meetings.placement import hypothesis_placed, reference_placed
from harness.measures.meetings.utterances import Utterance
from testsets.transcript import Word

sentence = st.tuples(st.sampled_from("abc"), st.lists(st.sampled_from("xyz"), max_size=3), st.integers(0, 9))
side = st.lists(sentence, max_size=6)
Said = list[tuple[str, str]]
Timed = list[tuple[str, list[str], int]]


def _meeting(reference: Said, hypothesis: Said) -> Meeting:
    sides = [
        Side.of([Utterance(speaker, tuple(map(Word, text.split()))) for speaker, text in side])
        for side in (reference, hypothesis)
    ]
    return Meeting(sides[0], sides[1], 1_000, 2_000)


def _timed(reference: Timed, hypothesis: Timed) -> Meeting:
    sides = [
        Side.of(
            [
                Utterance(s, tuple(Word(t, 1000 * (at + i), 1000 * (at + i + 1)) for i, t in enumerate(texts)))
                for s, texts, at in side
            ]
        )
        for side in (reference, hypothesis)
    ]
    return Meeting(sides[0], sides[1], 1_000, 2_000)


def test_a_wrong_speaker_of_a_reference_utterance_costs_nothing_in_orc() -> None:
    said = [("a", "one two"), ("b", "three four"), ("a", "five")]
    meeting = _meeting(said, [("x", "one two three four"), ("y", "five")])
    found = reference_placed(meeting, timed=False)
    assert (found.errors, found.speakers, found.exact) == (WordErrors(reference=5), ("x", "x", "y"), True)
    assert permuted(meeting, timed=False).errors.errors == 4


def test_a_wrong_speaker_of_a_recognised_utterance_costs_nothing_in_dicp() -> None:
    meeting = _meeting([("a", "one two three")], [("x", "one"), ("y", "two"), ("x", ""), ("x", "three")])
    found = hypothesis_placed(meeting, timed=False)
    assert (found.errors, found.speakers) == (WordErrors(reference=3), ("a", "a", None, "a"))
    assert reference_placed(meeting, timed=False).errors.errors == 2


def test_empty_sides() -> None:
    nothing, heard = _meeting([], [("x", "a b")]), WordErrors(insertions=2)
    assert reference_placed(nothing, timed=False).errors == heard
    found = hypothesis_placed(nothing, timed=True)
    assert (found.errors, found.speakers, found.exact) == (heard, (None,), True)
    unheard = _meeting([("a", "a b")], [])
    assert reference_placed(unheard, timed=True).errors == WordErrors(deletions=2, reference=2)
    assert hypothesis_placed(unheard, timed=False).errors == WordErrors(deletions=2, reference=2)


@settings(max_examples=60)
@given(side, side, st.sampled_from([0.0, 1e9]))
def test_moving_utterances_never_costs_more_than_matching_speakers(left: Timed, right: Timed, effort: float) -> None:
    meeting = _timed(left, right)
    for timed in (False, True):
        matched = permuted(meeting, timed=timed).errors
        for placed in (reference_placed, hypothesis_placed):
            found = placed(meeting, timed=timed, effort=effort).errors
            assert found.errors <= matched.errors
            assert (found.reference, found.heard) == (matched.reference, matched.heard)


@settings(max_examples=60)
@given(side, side)
def test_a_collar_never_lowers_errors(left: Timed, right: Timed) -> None:
    meeting = _timed(left, right)
    for measure in (permuted, reference_placed, hypothesis_placed):
        assert measure(meeting, timed=True).errors.errors >= measure(meeting, timed=False).errors.errors

"""Words are paired as they are counted."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.meetings.meeting import Meeting, Side
from harness.measures.meetings.pairing import paired_errors, paired_words
from harness.measures.meetings.utterances import Utterance
from harness.measures.words.alignment import word_errors
from testsets.transcript import Word

texts = st.lists(st.sampled_from("abc"), max_size=8)


def _meeting(reference: list[str], hypothesis: list[str], step: int = 1000) -> Meeting:
    def side(found: list[str]) -> Side:
        return Side.of([Utterance("s", (Word(text, step * i, step * i + 800),)) for i, text in enumerate(found)])

    return Meeting(side(reference), side(hypothesis), 1_000, 500)


@given(texts, texts, st.booleans())
def test_pairs_are_what_the_errors_count(reference: list[str], hypothesis: list[str], timed: bool) -> None:
    meeting = _meeting(reference, hypothesis)
    said, heard = np.ones(len(reference), np.bool_), np.ones(len(hypothesis), np.bool_)
    errors = paired_errors(meeting, said, heard, timed=timed)
    left, right = paired_words(meeting, said, heard, timed=timed)
    assert errors.deletions == len(reference) - len(left)
    assert errors.insertions == len(hypothesis) - len(right)
    assert errors.substitutions == sum(reference[i] != hypothesis[j] for i, j in zip(left, right, strict=True))
    assert not timed or errors.errors >= word_errors(reference, hypothesis).errors
    assert timed or errors == word_errors(reference, hypothesis)


def test_only_the_chosen_utterances_are_compared() -> None:
    meeting = _meeting(["a", "b", "c"], ["b", "c"])
    said, heard = np.array([False, True, True]), np.array([True, False])
    assert paired_errors(meeting, said, heard, timed=False).errors == 1
    left, right = paired_words(meeting, said, heard, timed=False)
    assert (left.tolist(), right.tolist()) == ([0], [0])

"""Time-constrained alignment: meeteval's counts, and a plain table's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import EvidenceError
from harness.measures.counts import WordErrors
from harness.measures.words import timed
from harness.measures.words.alignment import word_errors
from harness.measures.words.timed import align_timed, timed_word_errors
from kernels import timed_edit_distance
from testsets.transcript import Word

Side = list[Word]


@st.composite
def sides(draw: st.DrawFn) -> Side:
    """Words whose starts rise; their ends need not."""
    words, at = [], 0
    for _ in range(draw(st.integers(0, 12))):
        at += draw(st.integers(0, 6))
        words.append(Word(draw(st.sampled_from("abc")), at, at + draw(st.integers(1, 8))))
    return words


def spoken(rng: np.random.Generator, count: int, vocabulary: int) -> Side:
    """Words one after the other, with some gaps and overlaps."""
    starts = np.cumsum(rng.integers(0, 8, count))
    return [Word(f"w{rng.integers(vocabulary)}", int(s), int(s + rng.integers(1, 9))) for s in starts]


def least(reference: Sequence[Word], hypothesis: Sequence[Word], collar: int) -> int:
    """The plain table of all cells."""
    row = list(range(len(hypothesis) + 1))
    for a in reference:
        before, row = row, [row[0] + 1]
        for j, b in enumerate(hypothesis):
            cost = min(before[j + 1], row[j]) + 1
            assert a.start is not None
            assert a.end is not None
            assert b.start is not None
            assert b.end is not None
            if a.start < b.end + collar and a.end > b.start - collar:
                cost = min(cost, before[j] + (a.text != b.text))
            row.append(cost)
    return row[-1]


@settings(max_examples=120, deadline=None)
@given(sides(), sides(), st.integers(0, 12))
def test_least_errors_within_the_collar(reference: Side, hypothesis: Side, collar: int) -> None:
    steps = align_timed(reference, hypothesis, collar)
    assert [s.reference for s in steps if s.reference is not None] == list(range(len(reference)))
    assert [s.hypothesis for s in steps if s.hypothesis is not None] == list(range(len(hypothesis)))
    assert sum(step.kind != "equal" for step in steps) == least(reference, hypothesis, collar)
    for step in steps:
        if step.reference is not None and step.hypothesis is not None:
            a, b = reference[step.reference], hypothesis[step.hypothesis]
            assert (a.start or 0) < (b.end or 0) + collar
            assert (a.end or 0) > (b.start or 0) - collar
            assert (step.kind == "equal") == (a.text == b.text)


@settings(max_examples=60, deadline=None)
@given(sides(), sides(), st.randoms(use_true_random=False), st.integers(0, 12))
def test_words_may_come_in_any_order_of_time(
    reference: Side, hypothesis: Side, random: np.random.Generator, collar: int
) -> None:
    random.shuffle(reference)
    random.shuffle(hypothesis)
    assert timed_word_errors(reference, hypothesis, collar).errors == least(reference, hypothesis, collar)


@settings(max_examples=40, deadline=None)
@given(sides(), sides())
def test_a_collar_without_end_leaves_only_the_words(reference: Side, hypothesis: Side) -> None:
    ours = timed_word_errors(reference, hypothesis, 10_000)
    plain = word_errors([word.text for word in reference], [word.text for word in hypothesis])
    assert ours.errors == plain.errors


def test_a_right_word_at_another_time_is_wrong() -> None:
    said, heard = [Word("yes", 0, 10), Word("no", 50, 60)], [Word("no", 0, 10)]
    assert timed_word_errors(said, heard, 5) == WordErrors(substitutions=1, deletions=1, reference=2)
    assert timed_word_errors(said, heard, 45) == WordErrors(deletions=1, reference=2)


def test_compiled_equals_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        said, heard = spoken(rng, 80, 6), spoken(rng, 70, 6)
        plain = align_timed(said, heard, 20)
        with monkeypatch.context() as patch:
            patch.setattr(timed_edit_distance, "SMALL", 0)
            assert align_timed(said, heard, 20) == plain


def test_what_memory_would_not_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timed, "_MOST_CELLS", 3)
    with pytest.raises(EvidenceError, match="give a shorter collar"):
        align_timed([Word("a", 0, 9)] * 2, [Word("a", 0, 9)] * 2, 0)


def test_a_word_without_times_is_named() -> None:
    with pytest.raises(EvidenceError, match=r"^hypothesis: word 2 \('b'\) has no times"):
        align_timed([Word("a", 0, 1)], [Word("a", 0, 1), Word("b")], 0)


@pytest.mark.parametrize("collar", [0, 3, 40])
def test_counts_equal_meeteval(collar: int) -> None:
    meeteval = pytest.importorskip("meeteval.wer.wer.time_constrained", exc_type=ImportError)
    from meeteval.io.seglst import SegLST

    rng = np.random.default_rng(collar)
    for turn in range(100):
        said, heard = spoken(rng, int(rng.integers(1, 40)), 5), spoken(rng, int(rng.integers(1, 40)), 5)
        theirs = meeteval.time_constrained_siso_word_error_rate(
            *(
                SegLST([{"words": w.text, "start_time": w.start, "end_time": w.end} for w in side])
                for side in (said, heard)
            ),
            collar=collar,
            reference_pseudo_word_level_timing="none",
            hypothesis_pseudo_word_level_timing="none",
        )
        expected = (theirs.substitutions, theirs.deletions, theirs.insertions, theirs.length)
        ours = timed_word_errors(said, heard, collar)
        assert (ours.substitutions, ours.deletions, ours.insertions, ours.reference) == expected, turn

"""Derived word measures equal jiwer's, add up, and are undefined where nothing can be said."""

from __future__ import annotations

import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.counts import Share, WordErrors
from harness.measures.value import Ratio
from harness.measures.words.alignment import word_errors
from harness.measures.words.values import Detections, SpanErrors, WordInformation, match_errors, word_information

words = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=10)
counts = st.integers(0, 50)
detections = st.builds(Detections, counts, counts, counts)
informations = st.builds(WordInformation, counts, counts, counts)


@settings(max_examples=200, deadline=None)
@given(words, words)
def test_mer_and_wil_equal_jiwer(said: list[str], heard: list[str]) -> None:
    ours, theirs = word_errors(said, heard), jiwer.process_words(" ".join(said), " ".join(heard))
    assert match_errors(ours).rate == theirs.mer
    assert word_information(ours).rate == pytest.approx(theirs.wil, abs=1e-12)
    assert word_information(ours).preserved == pytest.approx(theirs.wip, abs=1e-12)


def test_an_empty_reference_has_errors_but_no_rate() -> None:
    """jiwer answers with the number of inserted words, which no threshold for a rate is meant for."""
    assert jiwer.process_words("", "a b c").wer == 3
    ours = word_errors([], ["a", "b", "c"])
    assert (ours.errors, ours.rate) == (3, None)


def test_empty_sides() -> None:
    assert match_errors(WordErrors()).rate is None
    assert match_errors(WordErrors(insertions=2)) == Share(2, 2)
    assert word_information(WordErrors()).rate is None
    assert word_information(WordErrors(insertions=1)).rate == 1.0
    assert word_information(WordErrors(deletions=1, reference=1)).rate == 1.0
    assert Detections().rate is Detections().precision is Detections().recall is Detections().f1 is None
    assert SpanErrors().rate is SpanErrors().recall is None


@given(detections, detections, detections)
def test_detections_add_up(a: Detections, b: Detections, c: Detections) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + Detections() == a
    assert isinstance(a, Ratio)
    if a.precision and a.recall:
        assert a.f1 == pytest.approx(2 * a.precision * a.recall / (a.precision + a.recall))
    if a.f1 is not None:
        assert a.rate == pytest.approx(1 - a.f1)


@given(informations, informations)
def test_information_adds_up(a: WordInformation, b: WordInformation) -> None:
    assert a + b == b + a
    assert a + WordInformation() == a

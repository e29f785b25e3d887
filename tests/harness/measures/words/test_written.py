"""Punctuation and capitals, counted apart from the words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Share, WordErrors
from harness.measures.words.values import Detections
from harness.measures.words.written import WrittenErrors, punctuation_case_errors

texts = st.lists(st.sampled_from(["Yes,", "no.", "NO", "“Ok”", "it's", "3.5", "—", "...", "?", "x;"]), max_size=8)


def test_marks_and_capitals_of_a_sentence() -> None:
    found = punctuation_case_errors("Well, Mr. Brown: is it 3.5?", "well Mr. brown, is it 3.5!")
    assert found.marks == {
        ",": Detections(missed=1, spurious=1),
        ".": Detections(hits=1),
        ":": Detections(missed=1),
        "?": Detections(missed=1),
        "!": Detections(spurious=1),
    }
    assert found.case == Share(2, 5)  # 3.5 has neither capitals nor small letters
    assert found.words == WordErrors(reference=6)
    assert found.punctuation == Detections(hits=1, missed=3, spurious=2)


@pytest.mark.parametrize(
    ("said", "heard", "marks"),
    [
        ("one, two", "one, x two", {",": Detections(hits=1)}),
        ("one, two", "one x, two", {",": Detections(hits=1)}),  # between the same aligned words
        ("one two, three", "one three", {",": Detections(missed=1)}),
        ("one. two", "one two.", {".": Detections(missed=1, spurious=1)}),
        ("he said «no»", "he said “no”", {'"': Detections(hits=2)}),
        ("one ... two", "one … two", {"…": Detections(hits=1)}),
        ("क्या? हाँ।", "क्या हाँ.", {"?": Detections(missed=1), ".": Detections(hits=1)}),
        ("¿Qué?", "Qué?", {"¿": Detections(missed=1), "?": Detections(hits=1)}),
        ("", ", .", {",": Detections(spurious=1), ".": Detections(spurious=1)}),
        ("don't stop well-known", "don't stop well-known", {}),
    ],
)
def test_marks_in_their_places(said: str, heard: str, marks: dict[str, Detections]) -> None:
    assert punctuation_case_errors(said, heard).marks == marks


def test_capitals_of_wrong_words_do_not_count() -> None:
    assert punctuation_case_errors("Anna saw Bob", "anne saw bob").case == Share(1, 2)
    assert punctuation_case_errors("Straße", "STRASSE").case == Share(1, 1)


@given(texts, texts)
def test_every_mark_is_counted_once(said: list[str], heard: list[str]) -> None:
    there, back = (
        punctuation_case_errors(" ".join(a), " ".join(b)).punctuation for a, b in ((said, heard), (heard, said))
    )
    assert there.hits + there.missed == back.hits + back.spurious
    own = punctuation_case_errors(" ".join(said), " ".join(said))
    assert own.punctuation.errors == own.case.errors == own.words.errors == 0
    assert own.punctuation.hits == there.hits + there.missed


@given(texts, texts)
def test_sums(said: list[str], heard: list[str]) -> None:
    one = punctuation_case_errors(" ".join(said), " ".join(heard))
    assert one + WrittenErrors() == WrittenErrors() + one == one
    assert (one + one).punctuation == one.punctuation + one.punctuation

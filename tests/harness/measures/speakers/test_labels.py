"""How many speakers were found, and how often one of them changed his label."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationSpeakerCountError

from harness.measures.counts import Share
from harness.measures.speakers.dialects import dialect
from harness.measures.speakers.labels import label_switches, speaker_count_error
from testsets.transcript import SpeakerTurn

RATE = 1000
OURS = dialect("understudy")

Turns = tuple[SpeakerTurn, ...]


def turn(text: str) -> SpeakerTurn:
    speaker, start, end = text.split()
    return SpeakerTurn(speaker, int(start), int(end))


def switches(reference: list[str], hypothesis: list[str], scored: list[tuple[int, int]] | None = None) -> Share:
    return label_switches([turn(t) for t in reference], [turn(t) for t in hypothesis], scored, RATE, OURS)


def test_the_same_wrong_label_throughout_is_no_switch() -> None:
    assert switches(["A 0 1000", "B 1000 2000", "A 2000 3000"], ["x 0 3000"]) == Share(0, 3)


def test_a_switch_from_one_turn_to_another_and_back() -> None:
    reference = ["A 0 1000", "B 1000 2000", "A 2000 3000", "A 4000 5000"]
    assert switches(reference, ["x 0 1000", "y 1000 2000", "z 2000 3000", "x 4000 5000"]) == Share(2, 4)


def test_every_switch_within_a_turn_counts() -> None:
    assert switches(["A 0 3000"], ["x 0 1000", "y 1000 2000", "x 2000 3000"]) == Share(2, 1)


def test_a_boundary_a_little_late_is_none() -> None:
    assert switches(["A 0 1000", "B 1000 2000"], ["x 0 1200", "y 1200 2000"]) == Share(0, 2)
    assert switches(["A 0 1000", "B 1000 2000"], ["x 0 1250", "y 1250 2000"]) == Share(1, 2)


def test_overlap_and_silence_say_nothing_about_labels() -> None:
    assert switches(["A 0 1000", "B 0 1000", "A 1000 2000"], ["x 0 1000", "y 1000 2000"]) == Share(0, 2)
    assert switches(["A 0 1000", "A 2000 3000"], ["x 0 1000", "y 1000 2000", "x 2000 3000"]) == Share(0, 2)


def test_only_the_uem_counts() -> None:
    assert switches(["A 0 3000"], ["x 0 1000", "y 1000 3000"], [(0, 1000)]) == Share(0, 1)
    assert switches([], ["x 0 1000"]) == Share(0, 0)


def test_names_do_not_matter(random_turns: Callable[..., Turns]) -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        reference, hypothesis = (random_turns(rng, names, 5000) for names in ("ABC", "xyz"))
        renamed = [SpeakerTurn(str("zxy".index(t.speaker)), t.start, t.end) for t in reversed(hypothesis)]
        assert label_switches(reference, hypothesis, None, RATE, OURS) == label_switches(
            reference, renamed, None, RATE, OURS
        )


@pytest.mark.parametrize("uem", [None, [(100, 300), (400, 900)]], ids=["extent", "uem"])
def test_speaker_count_error_equals_pyannote(
    uem: list[tuple[int, int]] | None, random_turns: Callable[..., Turns]
) -> None:
    rng = np.random.default_rng(2)
    for _ in range(60):
        reference, hypothesis = (random_turns(rng, names, 1000, most=3) for names in ("ABCD", "wxyz"))
        annotations = []
        for side in (reference, hypothesis):
            annotations.append(Annotation())
            for track, t in enumerate(side):
                annotations[-1][Segment(t.start / RATE, t.end / RATE), track] = t.speaker
        where = None if uem is None else Timeline([Segment(a / RATE, b / RATE) for a, b in uem])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = DiarizationSpeakerCountError()(*annotations, uem=where)
        assert speaker_count_error(reference, hypothesis, uem, RATE, OURS).errors == theirs


def test_speaker_count_error_adds_up_without_cancelling() -> None:
    few = speaker_count_error([turn("A 0 9"), turn("B 0 9")], [turn("x 0 9")], None, RATE, OURS)
    many = speaker_count_error([turn("A 0 9")], [turn("x 0 9"), turn("y 0 9")], None, RATE, OURS)
    assert few + many == Share(2, 3)
    assert speaker_count_error([], [], None, RATE, OURS).rate is None

"""DER equals pyannote.metrics where the dialects agree, and differs as documented where they do not."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from harness.measures.counts import SpeakerErrors
from harness.measures.speakers.diarisation import ANONYMOUS, Dialect, speaker_errors, turns_of_words
from testsets.transcript import SpeakerTurn, Word

LENGTH = 20_000  # samples at 1 kHz: pyannote's floats are then exact to the sample


@st.composite
def turns(draw: st.DrawFn) -> tuple[SpeakerTurn, ...]:
    """Up to four speakers, who overlap each other but not themselves."""
    found: list[SpeakerTurn] = []
    for speaker in draw(st.lists(st.sampled_from("ABCD"), unique=True, max_size=4)):
        cuts = sorted(draw(st.lists(st.integers(0, LENGTH // 10), min_size=2, max_size=8, unique=True)))
        found += [SpeakerTurn(speaker, 10 * a, 10 * b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return tuple(found)


def _annotation(found: tuple[SpeakerTurn, ...]) -> Annotation:
    annotation = Annotation()
    for track, turn in enumerate(found):
        annotation[Segment(turn.start / 1000, turn.end / 1000), track] = turn.speaker
    return annotation


@settings(max_examples=150, deadline=None)
@given(turns(), turns(), st.sampled_from([0, 100, 250]), st.booleans())
def test_equal_to_pyannote(
    reference: tuple[SpeakerTurn, ...], hypothesis: tuple[SpeakerTurn, ...], collar: int, skip: bool
) -> None:
    ours = speaker_errors(reference, hypothesis, [(0, LENGTH)], 1_000, Dialect(collar, skip))
    metric = DiarizationErrorRate(collar=2 * collar / 1000, skip_overlap=skip)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        uem = Timeline([Segment(0, LENGTH / 1000)])
        theirs = metric(_annotation(reference), _annotation(hypothesis), uem=uem, detailed=True)
    expected = [theirs[k] for k in ("missed detection", "false alarm", "confusion", "total")]
    found = [ours.missed, ours.false_alarm, ours.confusion, ours.speech]
    assert [x / 1000 for x in found] == pytest.approx(expected, abs=1e-6)


@given(turns(), turns(), st.permutations("ABCD"))
def test_names_of_speakers_do_not_matter(
    reference: tuple[SpeakerTurn, ...], hypothesis: tuple[SpeakerTurn, ...], names: list[str]
) -> None:
    renamed = [SpeakerTurn(dict(zip("ABCD", names, strict=True))[t.speaker], t.start, t.end) for t in hypothesis]
    args = ([(0, LENGTH)], 1_000, Dialect())
    assert speaker_errors(reference, hypothesis, *args) == speaker_errors(reference, renamed, *args)


@given(turns())
def test_the_reference_itself_has_no_errors(reference: tuple[SpeakerTurn, ...]) -> None:
    assert speaker_errors(reference, reference, [(0, LENGTH)], 1_000, Dialect()).errors == 0


def test_only_the_scored_regions_count() -> None:
    reference = [SpeakerTurn("a", 0, 100)]
    got = speaker_errors(reference, [SpeakerTurn("x", 50, 200)], [(0, 60), (150, 160)], 1_000, Dialect())
    assert got == SpeakerErrors(missed=50, false_alarm=10, confusion=0, speech=60, sample_rate=1_000)


def test_turns_of_one_speaker_that_overlap_count_once() -> None:
    twice = [SpeakerTurn("a", 0, 100), SpeakerTurn("a", 50, 120)]
    assert speaker_errors(twice, twice, [(0, 200)], 1_000, Dialect()) == SpeakerErrors(speech=120, sample_rate=1_000)


def test_nothing_to_score() -> None:
    assert speaker_errors([], [], [(0, 10)], 8_000, Dialect()) == SpeakerErrors(sample_rate=8_000)
    assert speaker_errors([], [], [], 8_000, Dialect()).rate is None


def test_words_become_turns() -> None:
    words = [
        Word("a", 0, 100),
        Word("b", 500, 700),
        Word("c", 1300, 1400),
        Word("d", 650, 800, speaker="S1"),
        Word("e"),
    ]
    got = turns_of_words(words, 1_000, Dialect(join_gap_ms=500))
    assert set(got) == {
        SpeakerTurn(ANONYMOUS, 0, 700),
        SpeakerTurn(ANONYMOUS, 1300, 1400),
        SpeakerTurn("S1", 650, 800),
    }

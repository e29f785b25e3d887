"""Diarisation errors: invariants, regions, and turns made of words. Conformance stands in test_dialects*.py."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.counts import SpeakerErrors
from harness.measures.speakers.dialects import dialect
from harness.measures.speakers.diarisation import ANONYMOUS, Dialect, Regions, speaker_errors, turns_of_words
from testsets.transcript import SpeakerTurn, Word

LENGTH = 20_000  # samples at 1 kHz


@st.composite
def turns(draw: st.DrawFn) -> tuple[SpeakerTurn, ...]:
    """Up to four speakers, who overlap each other but not themselves."""
    found: list[SpeakerTurn] = []
    for speaker in draw(st.lists(st.sampled_from("ABCD"), unique=True, max_size=4)):
        cuts = sorted(draw(st.lists(st.integers(0, LENGTH // 10), min_size=2, max_size=8, unique=True)))
        found += [SpeakerTurn(speaker, 10 * a, 10 * b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return tuple(found)


@settings(max_examples=30, deadline=None)
@given(turns(), turns(), st.permutations("ABCD"))
def test_names_of_speakers_do_not_matter(
    reference: tuple[SpeakerTurn, ...], hypothesis: tuple[SpeakerTurn, ...], names: list[str]
) -> None:
    renamed = [SpeakerTurn(dict(zip("ABCD", names, strict=True))[t.speaker], t.start, t.end) for t in hypothesis]
    args = ([(0, LENGTH)], 1_000, Dialect())
    assert speaker_errors(reference, hypothesis, *args) == speaker_errors(reference, renamed, *args)


@settings(max_examples=30, deadline=None)
@given(turns())
def test_the_reference_itself_has_no_errors(reference: tuple[SpeakerTurn, ...]) -> None:
    assert speaker_errors(reference, reference, [(0, LENGTH)], 1_000, Dialect()).errors == 0


@settings(max_examples=30, deadline=None)
@given(turns(), turns(), st.sampled_from([0, 100]), st.sampled_from(["understudy", "nist", "dscore", "pyannote"]))
def test_overlap_and_nonoverlap_add_up_to_all(
    reference: tuple[SpeakerTurn, ...], hypothesis: tuple[SpeakerTurn, ...], collar: int, name: str
) -> None:
    def errors(regions: Regions) -> SpeakerErrors:
        args = ([(0, LENGTH)], 1_000, dialect(name, collar))
        return speaker_errors(reference, hypothesis, *args, regions=regions)

    assert errors("overlap") + errors("nonoverlap") == errors("all")
    single = errors("single")
    assert (single.missed, single.confusion, single.speech) == (
        errors("nonoverlap").missed,
        errors("nonoverlap").confusion,
        errors("nonoverlap").speech,
    )


def test_regions() -> None:
    reference = [SpeakerTurn("a", 0, 100), SpeakerTurn("b", 50, 100)]
    found = {
        regions: speaker_errors(reference, [SpeakerTurn("x", 0, 120)], None, 1_000, Dialect(), regions=regions)
        for regions in ("all", "overlap", "nonoverlap", "single")
    }
    assert found["all"] == SpeakerErrors(50, 20, 0, 150, 1_000)
    assert found["overlap"] == SpeakerErrors(50, 0, 0, 100, 1_000)
    assert found["nonoverlap"] == SpeakerErrors(0, 20, 0, 50, 1_000)
    assert found["single"] == SpeakerErrors(0, 0, 0, 50, 1_000)


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


def test_twenty_thousand_speakers_need_no_table_of_all_pairs() -> None:
    """A full one would take 3 GB."""
    reference = [SpeakerTurn(f"s{n}", 10 * n, 10 * n + 9) for n in range(20_000)]
    hypothesis = [SpeakerTurn(f"h{n}", 10 * n, 10 * n + 9) for n in range(20_000)]
    assert speaker_errors(reference, hypothesis, None, 1_000, Dialect()) == SpeakerErrors(
        speech=180_000, sample_rate=1_000
    )

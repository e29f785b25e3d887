import lzma
import os
from pathlib import Path

import pytest

from testsets import audio, embedded
from testsets.case import TestSet
from testsets.errors import FormatError
from testsets.synthesis.sentences import spoken_words

SPEECH = Path(os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech"))
LEXICON = SPEECH / "lexicon" / "cmudict.dict.xz"


@pytest.fixture(scope="module")
def rehearsal() -> TestSet:
    return embedded.open_embedded("rehearsal")


def test_an_unknown_name_lists_what_there_is() -> None:
    assert "rehearsal" in embedded.available()
    with pytest.raises(FormatError, match=r"nothing: no embedded test set .* there are: .*rehearsal"):
        embedded.open_embedded("nothing")


def test_the_rehearsal_set_is_large_and_varied_enough(rehearsal: TestSet) -> None:
    assert len(rehearsal.cases) >= 140
    units: dict[str, int] = {}
    for case in rehearsal.cases:
        units[case.unit] = units.get(case.unit, 0) + 1
    assert sum(count >= 8 for count in units.values()) >= 16
    for tag, values in {
        "condition": {"clean", "noisy", "telephone"},
        "content": {"plain", "numbers", "names"},
        "style": {"read", "conversation"},
        "synthesiser": {"flite", "espeak-ng"},
    }.items():
        slices = {value: {c.unit for c in rehearsal.cases if c.tags.get(tag) == value} for value in values}
        assert min(len(members) for members in slices.values()) >= 4, tag


def test_the_rehearsal_set_is_small_and_short_enough(rehearsal: TestSet) -> None:
    folder = Path(rehearsal.cases[0].audio.path).parent
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 8_000_000
    assert sum(case.audio.samples / case.audio.rate for case in rehearsal.cases) <= 540


def test_telephone_cases_have_a_telephone_rate(rehearsal: TestSet) -> None:
    for case in rehearsal.cases:
        assert case.audio.rate == (8_000 if case.tags["condition"] == "telephone" else 16_000)
        assert case.reference is not None
        assert case.reference.rate == case.audio.rate


def test_conversations_have_turns_overlaps_and_words_of_each_speaker(rehearsal: TestSet) -> None:
    talks = [case for case in rehearsal.cases if case.tags["style"] == "conversation"]
    assert len(talks) >= 10
    for talk in talks:
        assert talk.reference is not None
        assert {word.speaker for word in talk.reference.words} == {turn.speaker for turn in talk.turns}
        assert all(turn.end <= talk.audio.samples for turn in talk.turns)
        ordered = zip(talk.turns, talk.turns[1:], strict=False)
        overlap = sum(max(0, first.end - second.start) for first, second in ordered) / talk.audio.samples
        assert 0.05 < overlap < 0.25


def test_every_case_is_audible_and_none_is_clipped(rehearsal: TestSet) -> None:
    for case in rehearsal.cases:
        samples, _ = audio.read(case.audio.path)
        assert 0.05 < abs(samples).max() < 0.999, case.id


@pytest.mark.skipif(not LEXICON.exists(), reason=f"no pronunciation lexicon at {LEXICON}; set UNDERSTUDY_SPEECH")
def test_every_reference_word_is_in_the_lexicon(rehearsal: TestSet) -> None:
    with lzma.open(LEXICON, "rt", encoding="utf-8") as lines:
        known = {line.split()[0].split("(")[0].lower() for line in lines if line.strip()}
    references = (case.reference for case in rehearsal.cases if case.reference is not None)
    assert {word.text for reference in references for word in reference.words} <= known


def test_references_are_in_spoken_form() -> None:
    assert spoken_words("It's five, Mister Ann-Marie!  Is it?") == "it's five mister annmarie is it"

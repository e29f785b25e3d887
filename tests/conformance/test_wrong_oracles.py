"""Where a peer is wrong, or silent, and what we do there; the table of docs/conformance.md links here."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import jiwer
import pytest

from benchmarks.corpora import LibriSpeech
from harness.measures.words.alignment import word_errors
from harness.measures.words.batch import align_pairs
from testsets.errors import FormatError
from testsets.formats import ctm, rttm, stm
from testsets.hypotheses import read_hypotheses


@pytest.fixture(scope="module")
def meeteval() -> Any:
    return pytest.importorskip("meeteval", reason="meeteval, the oracle, is not installed (extra [oracles])").io


@pytest.fixture
def load_rttm(tmp_path: Path) -> Callable[[str], dict[str, list[tuple[float, float, str]]]]:
    """pyannote.database's reader: recording -> turns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        util = pytest.importorskip("pyannote.database.util")

    def load(text: str) -> dict[str, list[tuple[float, float, str]]]:
        (tmp_path / "a.rttm").write_text(text)
        read = util.load_rttm(tmp_path / "a.rttm")
        return {
            recording: [(segment.start, segment.end, label) for segment, _, label in found.itertracks(yield_label=True)]
            for recording, found in read.items()
        }

    return load


@pytest.mark.parametrize(
    ("time", "theirs"),
    [("nan", Decimal("NaN")), ("inf", Decimal("Infinity")), ("1_0", Decimal(10)), ("-1", Decimal(-1))],
)
def test_meeteval_takes_any_decimal_for_a_time(meeteval: Any, time: str, theirs: Decimal) -> None:
    (line,) = meeteval.STM.parse(f"rec 1 ann {time} 11 hi\n").lines
    assert str(line.begin_time) == str(theirs)
    with pytest.raises(FormatError, match="f:1: start"):
        stm.parse(f"rec 1 ann {time} 11 hi\n", "f", 16_000)


def test_meeteval_takes_turns_that_end_before_they_start(meeteval: Any) -> None:
    (line,) = meeteval.RTTM.parse("SPEAKER rec 1 5 -1 <NA> <NA> ann <NA> <NA>\n").lines
    assert line.duration == -1
    with pytest.raises(FormatError, match="f:1: duration '-1'"):
        rttm.parse("SPEAKER rec 1 5 -1 <NA> <NA> ann <NA> <NA>\n", "f", 16_000)


def test_meeteval_reads_lines_that_end_in_cr_as_words(meeteval: Any) -> None:
    text = "rec 1 ann 0 1 hi\rrec 1 ann 1 2 you\r"
    (line,) = meeteval.STM.parse(text).lines
    assert "rec 1 ann 1 2 you" in line.transcript
    with pytest.raises(FormatError, match="f:1: a carriage return inside a line"):
        stm.parse(text, "f", 16_000)


def test_meeteval_takes_a_byte_order_mark_for_a_part_of_the_id(meeteval: Any) -> None:
    (line,) = meeteval.STM.parse("\ufeffrec 1 ann 0 1 hi\n").lines
    assert line.filename == "\ufeffrec"
    assert stm.parse("\ufeffrec 1 ann 0 1 hi\n", "f", 16_000)[0].recording == "rec"


def test_meeteval_scores_what_nist_ignores(meeteval: Any) -> None:
    text = "rec 1 ann 0 1 IGNORE_TIME_SEGMENT_IN_SCORING\n"
    assert meeteval.STM.parse(text).lines[0].transcript == "IGNORE_TIME_SEGMENT_IN_SCORING"
    with pytest.raises(FormatError, match="IGNORE_TIME_SEGMENT_IN_SCORING is not supported"):
        stm.parse(text, "f", 16_000)


def test_meeteval_cannot_read_the_channels_of_telephone_calls(meeteval: Any) -> None:
    text = "call A 0 1 hi\ncall B 0.5 1 hello\n"
    with pytest.raises(ValueError, match="Unable to parse CTM line"):
        meeteval.CTM.parse(text)
    assert [row.channel for row in ctm.parse(text, "f", 16_000)] == ["A", "B"]


@pytest.mark.parametrize(("start", "duration"), [("5", "-1"), ("nan", "1")])
def test_pyannote_drops_bad_turns_in_silence(
    load_rttm: Callable[[str], dict[str, list[tuple[float, float, str]]]], start: str, duration: str
) -> None:
    text = f"SPEAKER rec 1 {start} {duration} <NA> <NA> ann <NA> <NA>\nSPEAKER rec 1 7 1 <NA> <NA> bob <NA> <NA>\n"
    assert load_rttm(text) == {"rec": [(7.0, 8.0, "bob")]}
    with pytest.raises(FormatError, match="f:1: "):
        rttm.parse(text, "f", 16_000)


def test_pyannote_loses_a_recording_named_na(
    load_rttm: Callable[[str], dict[str, list[tuple[float, float, str]]]],
) -> None:
    text = "SPEAKER NA 1 0 1 <NA> <NA> ann <NA> <NA>\n"
    assert load_rttm(text) == {}
    assert rttm.parse(text, "f", 16_000)[0].recording == "NA"


def test_jiwer_gives_a_count_for_the_rate_of_an_empty_reference() -> None:
    assert jiwer.wer("", "so it is") == 3
    assert jiwer.wer("", "") == 0
    errors = word_errors([], ["so", "it", "is"])
    assert (errors.insertions, errors.rate) == (3, None)
    assert word_errors([], []).rate is None


def test_a_published_alignment_is_not_the_cheapest(librispeech: LibriSpeech) -> None:
    """Costs of 3, 3 and 4 can prefer more errors: one more in 2,988, where unit costs count the fewest."""
    utterances = librispeech.utterances("test-other", "rnnt_nnlm")
    fewest = align_pairs([one.said for one in utterances], [one.heard for one in utterances]).total()
    published = librispeech.published("test-other", "rnnt_nnlm")["WER"]
    assert fewest.errors == 2_988
    assert published.substitutions + published.insertions + published.deletions == 2_989


def test_two_spellings_of_one_recording_are_two_for_everybody_else(meeteval: Any, tmp_path: Path) -> None:
    text = "Call-7 1 ann 0 1 hi\ncall-7 1 ann 1 2 you\n"
    assert {line.filename for line in meeteval.STM.parse(text).lines} == {"Call-7", "call-7"}
    (tmp_path / "a.stm").write_text(text)
    with pytest.raises(FormatError, match="differ only in case"):
        read_hypotheses(tmp_path / "a.stm")

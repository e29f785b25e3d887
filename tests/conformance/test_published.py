"""Real outputs of real systems score as their makers and our peers score them: the figures of docs/conformance.md."""

from __future__ import annotations

import pytest

from benchmarks.conformance import as_fstalign, call_errors, errors_with_wordings, librispeech_counts, streams
from benchmarks.corpora import (
    EARNINGS_PUBLISHED,
    LIBRISPEECH_SETS,
    LIBRISPEECH_SYSTEMS,
    RATE,
    SECTORS_PUBLISHED,
    Earnings,
    LibriSpeech,
)
from harness.measures.counts import WordErrors
from harness.measures.meetings.errors import MeetingErrors
from harness.measures.meetings.utterances import normalised, of_words
from harness.measures.normalisation.packs import PACKS
from harness.measures.speakers.dialects import dialect
from harness.measures.speakers.diarisation import speaker_errors, turns_of_words
from harness.measures.words.alternatives import parse_alternatives
from harness.measures.words.lattice import align_lattice
from testsets.formats.nlp_entities import with_wordings

BASIC = PACKS["basic"]
SHORT = "4384683"  # the shortest call: 25 minutes

# Word errors over the 30 calls with the pack "basic": substitutions, deletions, insertions of 247,229 words.
BASIC_ERRORS = {
    "google": (21_530, 16_165, 6_196),
    "amazon": (24_111, 13_559, 5_050),
    "microsoft": (24_245, 13_210, 9_052),
    "speechmatics": (20_948, 16_430, 6_724),
    "rev_kaldi": (21_315, 8_771, 10_294),
    "rev_espnet": (24_050, 6_235, 11_390),
    "kaldi_librispeech": (99_707, 11_982, 19_238),
}


def assert_as_published(librispeech: LibriSpeech, name: str, system: str) -> None:
    published = librispeech.published(name, system)
    assert published.keys() == {"WER", "B-WER", "U-WER"}
    for metric, ours in librispeech_counts(librispeech.utterances(name, system)).items():
        row = published[metric]
        assert ours == WordErrors(row.substitutions, row.deletions, row.insertions, row.reference)
        assert ours.rate is not None
        assert 100 * ours.rate == pytest.approx(row.rate, abs=1e-9)


@pytest.mark.parametrize(("name", "system"), [("test-clean", "rnnt_baseline"), ("test-other", "rnnt_nnlm")])
def test_librispeech_counts_are_those_published(librispeech: LibriSpeech, name: str, system: str) -> None:
    assert_as_published(librispeech, name, system)


@pytest.mark.slow
@pytest.mark.parametrize("system", LIBRISPEECH_SYSTEMS)
@pytest.mark.parametrize("name", LIBRISPEECH_SETS)
def test_every_librispeech_count_is_that_published(librispeech: LibriSpeech, name: str, system: str) -> None:
    assert_as_published(librispeech, name, system)


@pytest.mark.parametrize("system", EARNINGS_PUBLISHED)
def test_a_call_scores_as_in_jiwer(earnings: Earnings, system: str) -> None:
    jiwer = pytest.importorskip("jiwer")
    reference, output = earnings.reference(SHORT), earnings.output(system, SHORT)
    ours = call_errors(reference, output, BASIC)
    theirs = jiwer.process_words(*(" ".join(BASIC.split(side.text)) for side in (reference, output)))
    assert (ours.substitutions, ours.deletions, ours.insertions) == (
        theirs.substitutions,
        theirs.deletions,
        theirs.insertions,
    )


@pytest.mark.slow
@pytest.mark.parametrize("system", EARNINGS_PUBLISHED)
def test_all_calls_score_as_documented(earnings: Earnings, system: str) -> None:
    found = (call_errors(earnings.reference(call), earnings.output(system, call), BASIC) for call in earnings.calls)
    assert sum(found, WordErrors()) == WordErrors(*BASIC_ERRORS[system], 247_229)


@pytest.mark.slow
@pytest.mark.parametrize("sector", SECTORS_PUBLISHED)
@pytest.mark.parametrize("system", list(EARNINGS_PUBLISHED)[:6])
def test_sectors_score_as_published(earnings: Earnings, sector: str, system: str) -> None:
    """To a tenth of a point, the digit printed; where ``%`` stands among the marks, between a word and none."""
    published = dict(zip(EARNINGS_PUBLISHED, SECTORS_PUBLISHED[sector], strict=False))[system]
    calls = [call for call in earnings.calls if earnings.sectors[call] == sector]

    def rate(*, percent: bool) -> float:
        found = sum((as_fstalign(earnings, system, call, percent=percent) for call in calls), WordErrors()).rate
        assert found is not None
        return 100 * found

    least = rate(percent=False)
    most = rate(percent=True) if system in ("google", "microsoft") else least
    assert least - 0.1 < published < most + 0.1


def test_cutting_a_call_changes_nothing(earnings: Earnings) -> None:
    tokens, wordings = earnings.tokens(SHORT), earnings.wordings(SHORT)
    output = earnings.output("microsoft", SHORT)
    whole = parse_alternatives(with_wordings(tokens, wordings)).normalised(BASIC.split)
    in_pieces = errors_with_wordings(tokens, wordings, output, BASIC)
    assert in_pieces == align_lattice(whole, BASIC.split(output.text)).errors
    assert in_pieces.errors < call_errors(earnings.reference(SHORT), output, BASIC).errors


@pytest.mark.parametrize(("collar_ms", "skip_overlap"), [(0, False), (500, True)])
def test_speakers_of_a_call_score_as_in_pyannote(earnings: Earnings, collar_ms: int, skip_overlap: bool) -> None:
    pytest.importorskip("pyannote.metrics")
    from pyannote.core import Annotation, Segment
    from pyannote.metrics.diarization import DiarizationErrorRate

    rule = dialect("pyannote", collar_ms, skip_overlap)
    turns, heard = earnings.turns(SHORT), turns_of_words(earnings.output("amazon", SHORT).words, RATE, rule)
    sides = []
    for side in (turns, heard):
        sides.append(Annotation())
        for track, turn in enumerate(side):
            sides[-1][Segment(turn.start / RATE, turn.end / RATE), track] = turn.speaker
    with pytest.warns(UserWarning, match="'uem' was approximated"):
        theirs = DiarizationErrorRate(collar=collar_ms / 1000, skip_overlap=skip_overlap)(*sides)
    assert speaker_errors(turns, heard, None, RATE, rule).rate == pytest.approx(theirs, abs=1e-9)


def test_words_by_speaker_of_a_call_score_as_in_meeteval(earnings: Earnings) -> None:
    meeteval = pytest.importorskip("meeteval", reason="meeteval, the oracle, is not installed (extra [oracles])")
    said = normalised(of_words(earnings.reference(SHORT).words, RATE), BASIC.split)
    heard = normalised(of_words(earnings.output("amazon", SHORT).words, RATE), BASIC.split)
    ours = MeetingErrors(said, heard, RATE).cp.errors
    theirs = meeteval.wer.cp_word_error_rate(streams(said), streams(heard))
    assert (ours.errors, ours.reference) == (theirs.errors, theirs.length)

"""Each dialect equals the tool it is named after: pyannote.metrics, md-eval.pl where it is installed, and spyder."""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate

from harness.measures.speakers.dialects import dialect
from harness.measures.speakers.diarisation import speaker_errors
from harness.measures.speakers.jaccard import jaccard_errors
from testsets.transcript import SpeakerTurn

RATE = 1000
LENGTH = 20_000
UEM = [(1_000, 9_000), (9_500, 18_000)]

Turns = tuple[SpeakerTurn, ...]
Options = tuple[int, bool, bool]  # half a collar, skip overlap, UEM given

OPTIONS = [(collar, skip, uem) for collar in (0, 100, 250) for skip in (False, True) for uem in (False, True)]


def annotation(turns: Turns) -> Annotation:
    found = Annotation()
    for track, turn in enumerate(turns):
        found[Segment(turn.start / RATE, turn.end / RATE), track] = turn.speaker
    return found


def timeline(uem: bool) -> Timeline | None:
    return Timeline([Segment(start / RATE, end / RATE) for start, end in UEM]) if uem else None


def several_mappings(
    metric: JaccardErrorRate, reference: Annotation, hypothesis: Annotation, uem: Timeline | None
) -> bool:
    """Whether several mappings agree for the longest time."""
    cropped = metric.uemify(reference, hypothesis, uem=uem, collar=metric.collar, skip_overlap=metric.skip_overlap)
    shared = cropped[0] * cropped[1]
    rows, columns = shared.shape
    padded = np.zeros((rows, columns + rows))
    padded[:, :columns] = shared
    found = {
        tuple(j if padded[i, j] > 0 else -1 for i, j in enumerate(order)): sum(padded[range(rows), order])
        for order in permutations(range(columns + rows), rows)
    }
    return sum(time > max(found.values()) - 1e-9 for time in found.values()) > 1


def assert_equal_to_pyannote(rng: np.random.Generator, random_turns: Callable[..., Turns], options: Options) -> None:
    half, skip, uem = options
    own = bool(rng.integers(0, 2))
    reference, hypothesis = (
        random_turns(rng, names[: rng.integers(0, 5)], LENGTH, own_overlap=own) for names in ("ABCD", "wxyz")
    )
    where, rules = UEM if uem else None, dialect("pyannote", 2 * half, skip)
    ours = speaker_errors(reference, hypothesis, where, RATE, rules)
    jaccard = jaccard_errors(reference, hypothesis, where, RATE, rules)
    der = DiarizationErrorRate(collar=2 * half / RATE, skip_overlap=skip)
    jer = JaccardErrorRate(collar=2 * half / RATE, skip_overlap=skip)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it makes a UEM of its own
        theirs = der(annotation(reference), annotation(hypothesis), uem=timeline(uem), detailed=True)
        detail = jer(annotation(reference), annotation(hypothesis), uem=timeline(uem), detailed=True)
    expected = [theirs[key] for key in ("missed detection", "false alarm", "confusion", "total")]
    found = [ours.missed, ours.false_alarm, ours.confusion, ours.speech]
    assert [x / RATE for x in found] == pytest.approx(expected, abs=1e-9), (reference, hypothesis, options)
    assert jaccard.speakers == detail["speaker count"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if several_mappings(jer, annotation(reference), annotation(hypothesis), timeline(uem)):
            return  # all are as good for DER, but not for JER
    assert jaccard.billionths / 1e9 == pytest.approx(detail["speaker error"], abs=5e-9), (
        reference,
        hypothesis,
        options,
    )


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_equal_to_pyannote(options: Options, random_turns: Callable[..., Turns]) -> None:
    rng = np.random.default_rng([OPTIONS.index(options), 5])
    for _ in range(12):
        assert_equal_to_pyannote(rng, random_turns, options)


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_equal_to_pyannote_in_thousands_of_cases(options: Options, random_turns: Callable[..., Turns]) -> None:
    rng = np.random.default_rng([OPTIONS.index(options), 6])
    for _ in range(500):
        assert_equal_to_pyannote(rng, random_turns, options)


def test_an_undefined_rate_is_a_number_for_pyannote() -> None:
    """It answers 1.0 where nothing was said and something heard, and 0.0 where neither: we answer None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert DiarizationErrorRate()(Annotation(), annotation((SpeakerTurn("x", 0, 9),))) == 1.0
        assert DiarizationErrorRate()(Annotation(), Annotation()) == 0.0
    assert speaker_errors([], [SpeakerTurn("x", 0, 9)], None, RATE, dialect("pyannote")).rate is None


def test_equal_to_spyder(random_turns: Callable[..., Turns]) -> None:
    """Its regions too. Its UEM is the extent of both sides; its collar has single precision, hence the tolerance."""
    spyder = pytest.importorskip("spyder", reason="pip install spy-der, which needs a C++ compiler")
    rng = np.random.default_rng(8)
    for _ in range(60):
        reference, hypothesis = (random_turns(rng, names, LENGTH, most=6) for names in ("ABC", "xyz"))
        if not reference or not hypothesis:
            continue
        collar = int(rng.choice([0, 100, 250]))
        turns = (*reference, *hypothesis)
        uem = [(min(t.start for t in turns), max(t.end for t in turns))]
        sides = [[(t.speaker, t.start / RATE, t.end / RATE) for t in side] for side in (reference, hypothesis)]
        for regions in ("all", "single", "overlap", "nonoverlap"):
            ours = speaker_errors(reference, hypothesis, uem, RATE, dialect("nist", collar), regions=regions)
            if ours.speech == 0:
                continue
            theirs = spyder.DER(*sides, regions=regions, collar=collar / RATE)
            found = [x / ours.speech for x in (ours.missed, ours.false_alarm, ours.confusion)]
            assert found == pytest.approx([theirs.miss, theirs.falarm, theirs.conf], abs=1e-6), (turns, collar, regions)


def test_spyder_puts_no_collar_where_turns_of_one_speaker_touch() -> None:
    """It joins them first; md-eval leaves out 0.25 s on both sides of every boundary that the file names."""
    spyder = pytest.importorskip("spyder", reason="pip install spy-der, which needs a C++ compiler")
    turns = [SpeakerTurn("A", 0, 1000), SpeakerTurn("A", 1000, 2000)]
    side = [(t.speaker, t.start / RATE, t.end / RATE) for t in turns]
    assert spyder.DER(side, side, collar=0.25).duration == pytest.approx(1.5)
    assert speaker_errors(turns, turns, None, RATE, dialect("nist", 250)).speech == 1000


def test_spyder_cannot_score_silence() -> None:
    spyder = pytest.importorskip("spyder", reason="pip install spy-der, which needs a C++ compiler")
    with pytest.raises(IndexError):
        spyder.DER([("A", 0.0, 1.0)], [])
    assert speaker_errors([SpeakerTurn("A", 0, 9)], [], None, RATE, dialect("nist")).rate == 1


def md_eval() -> Path:
    """NIST's own script, of SCTK; it needs Perl, so it is no part of a normal installation."""
    found = os.environ.get("MD_EVAL") or shutil.which("md-eval.pl") or "/usr/lib/sctk/bin/md-eval.pl"
    if shutil.which("perl") is None or not Path(found).is_file():
        pytest.skip("no md-eval.pl: install SCTK and Perl, or name the script in MD_EVAL")
    return Path(found)


def rttm(turns: Turns) -> str:
    return "".join(
        f"SPEAKER r 1 {t.start / RATE:.3f} {(t.end - t.start) / RATE:.3f} <NA> <NA> {t.speaker} <NA>\n" for t in turns
    )


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_equal_to_md_eval(options: Options, random_turns: Callable[..., Turns], tmp_path: Path) -> None:
    """Times are whole hundredths of a second: md-eval prints no more. Where nothing is scored it divides by zero."""
    script, (collar, skip, uem) = md_eval(), options
    rng = np.random.default_rng([OPTIONS.index(options), 7])
    (tmp_path / "uem").write_text("".join(f"r 1 {a / RATE:.3f} {b / RATE:.3f}\n" for a, b in UEM))
    for case in range(8):
        reference, hypothesis = (
            tuple(
                SpeakerTurn(t.speaker, 10 * t.start, 10 * t.end)
                for t in random_turns(rng, names, 2000, own_overlap=case % 2 > 0)
            )
            for names in ("ABC", "xyz")
        )
        (tmp_path / "reference").write_text(rttm(reference))
        (tmp_path / "hypothesis").write_text(rttm(hypothesis))
        command = ["perl", str(script), "-r", str(tmp_path / "reference"), "-s", str(tmp_path / "hypothesis")]
        command += ["-c", str(collar / RATE), *["-1"] * skip, *["-u", str(tmp_path / "uem")] * uem]
        ours = speaker_errors(reference, hypothesis, UEM if uem else None, RATE, dialect("nist", collar, skip))
        if ours.speech == 0:
            continue
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        theirs = {
            line.partition("=")[0].strip(): line.partition("=")[2].split() for line in told.splitlines() if "=" in line
        }
        keys = ("MISSED SPEAKER TIME", "FALARM SPEAKER TIME", "SPEAKER ERROR TIME", "SCORED SPEAKER TIME")
        expected = [round(float(theirs[key][0]) * RATE) for key in keys]
        assert [ours.missed, ours.false_alarm, ours.confusion, ours.speech] == expected, (
            reference,
            hypothesis,
            options,
        )

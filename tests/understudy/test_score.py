"""`understudy score`: real files of every format, and every kind of bad input in one line with exit code 2."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import jiwer
import pytest

from testsets import embedded, manifest
from understudy.cli import main

SENTENCES = {f"call-{i}": text for i, text in enumerate(["the cat sat", "on the mat", "and slept", "all day long"] * 3)}


def understudy(*arguments: object) -> tuple[int, str, str]:
    """Run the command line in this process: exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["understudy", "score", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            main()
    return int(done.value.code or 0), out.getvalue(), err.getvalue()


def scores(*arguments: object) -> dict[str, Any]:
    code, out, err = understudy(*arguments, "--json")
    assert code == 0, err
    return {found["measure"]: found for found in json.loads(out)["scores"]}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """One reference and hypothesis in every format; the hypothesis says "cat" wherever a "mat" was said."""
    heard = {name: text.replace("mat", "cat") for name, text in SENTENCES.items()}
    for side, texts in (("ref", SENTENCES), ("hyp", heard)):
        stm = [f"{name} 1 A 0.0 3.0 {text}" for name, text in texts.items()]
        trn = [f"{text} ({name})" for name, text in texts.items()]
        ctm = [f"{n} 1 {i * 0.5:.2f} 0.40 {w}" for n, text in texts.items() for i, w in enumerate(text.split())]
        rttm = [f"SPEAKER {n} 1 0.0 {2.0 if side == 'ref' else 1.5} <NA> <NA> x <NA> <NA>" for n in texts]
        seglst = [
            {"session_id": n, "speaker": "A", "start_time": 0, "end_time": 3, "words": t} for n, t in texts.items()
        ]
        jsonl = [json.dumps({"id": n, "text": t}) for n, t in texts.items()]
        for ending, lines in {"stm": stm, "trn": trn, "ctm": ctm, "rttm": rttm, "jsonl": jsonl}.items():
            (tmp_path / f"{side}.{ending}").write_text("\n".join(lines) + "\n")
        (tmp_path / f"{side}.json").write_text(json.dumps(seglst))
    return tmp_path


@pytest.mark.parametrize(
    ("reference", "hypothesis"),
    [("stm", "ctm"), ("trn", "trn"), ("jsonl", "jsonl"), ("json", "json"), ("ctm", "trn"), ("trn", "json")],
)
def test_words_of_any_format_score_alike(files: Path, reference: str, hypothesis: str) -> None:
    found = scores(files / f"ref.{reference}", files / f"hyp.{hypothesis}")
    heard = [text.replace("mat", "cat") for text in SENTENCES.values()]
    assert found["wer"]["rate"] == jiwer.wer(list(SENTENCES.values()), heard)
    assert found["cer"]["rate"] == jiwer.cer(list(SENTENCES.values()), heard)
    assert (found["wer"]["scored"], found["wer"]["skipped"], found["wer"]["failed"]) == (12, {}, 0)
    assert found["wer"]["interval"][0] < found["wer"]["rate"] < found["wer"]["interval"][1]


def test_speakers(files: Path) -> None:
    found = scores(files / "ref.rttm", files / "hyp.rttm")
    assert set(found) == {"der"}
    assert found["der"]["rate"] == 0.25
    both = scores(files / "ref.stm", files / "hyp.json")
    assert {"wer", "cer", "mer", "wil", "der"} <= set(both)
    (files / "half.uem").write_text("".join(f"{name} 1 0.0 1.6\n" for name in SENTENCES))
    cut = scores(files / "ref.rttm", files / "hyp.rttm", "--uem", files / "half.uem")
    assert cut["der"]["rate"] == pytest.approx(0.1 / 1.6)
    collar = scores(files / "ref.rttm", files / "hyp.rttm", "--collar-ms", 250)
    assert collar["der"]["rate"] == pytest.approx(0.25 / 1.5)


def test_the_table_shows_what_was_counted_and_the_signature(files: Path) -> None:
    code, out, _ = understudy(files / "ref.trn", files / "hyp.trn")
    assert code == 0
    assert "WER" in out
    assert "scored 12, skipped none, failed 0; empty references 0, empty hypotheses 0" in out
    assert "v1|wer+cer+mer+wil|norm:basic-1#" in out
    assert "set:ref.trn#" in out


def test_a_test_set_is_a_reference_with_its_clusters(tmp_path: Path) -> None:
    found = embedded.open_embedded("rehearsal")
    manifest.save(tmp_path / "set.jsonl", "rehearsal", found.cases)
    lines = [json.dumps({"id": c.id, "text": c.reference.text if c.reference else ""}) for c in found.cases]
    (tmp_path / "hyps.jsonl").write_text("\n".join(lines))
    wer = scores(tmp_path / "set.jsonl", tmp_path / "hyps.jsonl")["wer"]
    assert (wer["rate"], wer["scored"], wer["clusters"]) == (0, 148, 23)


def test_empty_sides_are_scored_and_counted(tmp_path: Path) -> None:
    (tmp_path / "ref.trn").write_text("one two (a)\n(b)\n")
    (tmp_path / "hyp.trn").write_text("(a)\nthree (b)\n")
    wer = scores(tmp_path / "ref.trn", tmp_path / "hyp.trn")["wer"]
    assert wer["counts"] == {"substitutions": 0, "deletions": 2, "insertions": 1, "reference": 2}
    assert (wer["empty_references"], wer["empty_hypotheses"], wer["interval"]) == (1, 1, None)
    (tmp_path / "none.trn").write_text("(a)\n(b)\n")
    nothing = scores(tmp_path / "none.trn", tmp_path / "hyp.trn")["wer"]
    assert nothing["rate"] is None
    assert "undefined" in understudy(tmp_path / "none.trn", tmp_path / "hyp.trn")[1]


def test_ids_that_differ_are_refused_unless_allowed_and_then_counted(tmp_path: Path) -> None:
    (tmp_path / "ref.trn").write_text("one two (a)\nthree (b)\n")
    (tmp_path / "hyp.trn").write_text("one too (a)\nfour (B)\n")
    paths = (tmp_path / "ref.trn", tmp_path / "hyp.trn")
    code, out, err = understudy(*paths)
    assert (code, out) == (2, "")
    assert "1 of 2 ids of ref.trn are missing (the first: b); 1 ids are unknown to ref.trn (the first: B)" in err
    partial = scores(*paths, "--allow-partial")["wer"]
    assert (partial["rate"], partial["scored"]) == (0.5, 1)
    assert partial["skipped"] == {"no hypothesis": 1, "no reference": 1}
    (tmp_path / "hyp.trn").write_text("one too (a)\n")
    assert scores(*paths, "--missing-as-empty")["wer"]["rate"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "options", "message"),
    [
        (None, "one (a)", [], "ref.trn: no such file"),
        ("one (a)\nbroken", "one (a)", [], "ref.trn:2:"),
        ("one (a)\ntwo (a)", "one (a)", [], "ref.trn"),
        ("one (a)", "one (b)", [], "--allow-partial"),
        ("one (a)", "one (b)", ["--allow-partial"], "have no id in common"),
        ("one (a)", "one (a)", ["--normaliser", "klingon"], "there are none, basic, english-1"),
        (b"\xff\xfe (a)", "one (a)", [], "ref.trn: byte 0 is not UTF-8"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, reference: str | bytes | None, hypothesis: str, options: list[str], message: str
) -> None:
    if reference is not None:
        data = reference if isinstance(reference, bytes) else reference.encode()
        (tmp_path / "ref.trn").write_bytes(data)
    (tmp_path / "hyp.trn").write_text(hypothesis)
    code, out, err = understudy(tmp_path / "ref.trn", tmp_path / "hyp.trn", *options)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_formats_that_cannot_be_scored_together(files: Path) -> None:
    code, _, err = understudy(files / "ref.trn", files / "hyp.rttm")
    assert code == 2
    assert "nothing to score" in err
    (files / "hyp.docx").write_text("x")
    assert "a .docx file is not known" in understudy(files / "ref.trn", files / "hyp.docx")[2]

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

from harness.scoring import speakers
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
    assert set(found) == set(speakers.MEASURES)
    assert found["der"]["rate"] == 0.25
    both = scores(files / "ref.stm", files / "hyp.json")
    assert {"wer", "cer", "mer", "wil", "der"} <= set(both)
    (files / "half.uem").write_text("".join(f"{name} 1 0.0 1.6\n" for name in SENTENCES))
    cut = scores(files / "ref.rttm", files / "hyp.rttm", "--uem", files / "half.uem")
    assert cut["der"]["rate"] == pytest.approx(0.1 / 1.6)
    collar = scores(files / "ref.rttm", files / "hyp.rttm", "--collar-ms", 250)
    assert collar["der"]["rate"] == pytest.approx(0.25 / 1.5)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Two people talk; the recogniser gives one line to the wrong one and makes a word of another."""
    said = ["A 0.0 2.0 Hello there, how are you?", "B 1.5 3.0 I'm fine"]
    said.append("A 3.2 5.0 { okay / all right } then (um) bye")
    (tmp_path / "ref.stm").write_text("".join(f"m 1 {line}\n" for line in said))
    (tmp_path / "hyp.stm").write_text(
        "m 1 x 0.0 2.0 hello there how are you\nm 1 y 1.5 3.0 i'm fined\nm 1 y 3.2 5.0 all right then bye\n"
    )
    (tmp_path / "plain.stm").write_text(
        "".join(f"m 1 {line}\n" for line in said).replace("{ okay / all right }", "all right")
    )
    (tmp_path / "words.txt").write_text("all right\nfine\n")
    return tmp_path


def test_alternatives_and_optional_words_are_right_however_they_are_said(talk: Path) -> None:
    found = scores(talk / "ref.stm", talk / "hyp.stm", "--alternatives")
    assert found["wer"]["counts"] == {"substitutions": 1, "deletions": 0, "insertions": 0, "reference": 12}
    assert "score it with --alternatives" in understudy(talk / "ref.stm", talk / "hyp.stm")[2]
    assert "cpwer" not in found  # who said a word that may not have been said cannot be told
    (talk / "torn.stm").write_text("m 1 A 0.0 2.0 { okay / all right then\n")
    code, _, err = understudy(talk / "torn.stm", talk / "hyp.stm", "--alternatives")
    assert code == 2
    assert len(err.strip().splitlines()) == 1


def test_keywords_and_words_outside_the_vocabulary(talk: Path) -> None:
    how = ("--alternatives", "--keywords", talk / "words.txt", "--vocabulary", talk / "words.txt")
    found = scores(talk / "ref.stm", talk / "hyp.stm", *how)
    assert found["keywords"]["counts"] == {"hits": 1, "missed": 1, "spurious": 0}
    assert found["unknown_words"]["counts"] == {"errors": 0, "total": 9}
    assert "keywords#" in found["keywords"]["signature"]


def test_words_by_speaker_and_what_is_written(talk: Path) -> None:
    found = scores(talk / "plain.stm", talk / "hyp.stm")
    assert found["cpwer"]["counts"]["reference"] == found["orcwer"]["counts"]["reference"] == 12
    assert found["orcwer"]["rate"] < found["cpwer"]["rate"]
    assert found["wrong_speaker"]["counts"]["wrong"] == 4  # all right then bye
    assert found["punctuation"]["rate"] == 1.0
    assert found["case"]["counts"] == {"errors": 2, "total": 10}  # Hello and I'm


def test_entities_of_an_nlp_reference_are_scored_by_class_and_in_any_wording(tmp_path: Path) -> None:
    header = "token|speaker|ts|endTs|punctuation|case|tags|wer_tags\n"
    rows = ["In|1||||UC|[]|[]", "2020|1|||,|CA|['0:YEAR']|['0']", "Mary|1||||UC|['1:PERSON']|['1']"]
    rows += ["Poppins|1||||UC|['1:PERSON']|['1']", "left|1|||.|LC|[]|[]"]
    (tmp_path / "call.nlp").write_text(header + "\n".join(rows) + "\n")
    (tmp_path / "wer_tag.json").write_text('{"0": {"entity_type": "YEAR"}, "1": {"entity_type": "PERSON"}}')
    spoken = '{"0": {"candidates": [{"probability": 1.0, "verbalization": ["twenty", "twenty"]}]}}'
    (tmp_path / "norm.json").write_text(spoken)
    (tmp_path / "hyp.jsonl").write_text('{"id": "call", "text": "in twenty twenty mary poppers left"}\n')
    both = (tmp_path / "call.nlp", tmp_path / "hyp.jsonl")
    found = scores(*both, "--entities", tmp_path / "wer_tag.json")
    assert found["entities"]["counts"]["wrong"] == 2
    assert (found["entities[YEAR]"]["rate"], found["entities[PERSON]"]["rate"]) == (1.0, 1.0)
    assert found["punctuation[,]"]["counts"] == {"hits": 0, "missed": 1, "spurious": 0}
    assert (
        scores(*both, "--entities", tmp_path / "wer_tag.json", "--normaliser", "english-1")["entities[YEAR]"]["rate"]
        == 0
    )
    assert scores(*both, "--wordings", tmp_path / "norm.json")["wer"]["counts"]["substitutions"] == 1  # poppers
    for how in (("--entities", tmp_path / "wer_tag.json", "--alternatives"), ("--wordings", tmp_path / "none.json")):
        code, _, err = understudy(*both, *how)
        assert (code, len(err.strip().splitlines())) == (2, 1)


def test_words_with_times_must_be_near_each_other(tmp_path: Path) -> None:
    (tmp_path / "ref.ctm").write_text("m 1 0.0 0.4 yes\nm 1 9.0 0.4 no\n")
    (tmp_path / "hyp.ctm").write_text("m 1 9.0 0.4 yes\nm 1 9.5 0.4 no\n")
    near = scores(tmp_path / "ref.ctm", tmp_path / "hyp.ctm", "--word-collar-ms", 200)["tcwer"]
    far = scores(tmp_path / "ref.ctm", tmp_path / "hyp.ctm", "--word-collar-ms", 20_000)
    assert (near["counts"]["deletions"], near["counts"]["insertions"]) == (1, 1)
    assert far["tcwer"]["counts"] == far["wer"]["counts"]
    assert "collar200ms" in near["signature"]
    assert "collar" not in far["wer"]["signature"]


@pytest.mark.parametrize("tool", ["understudy", "nist", "dscore", "pyannote"])
def test_the_dialect_is_part_of_the_signature(talk: Path, tool: str) -> None:
    found = scores(talk / "plain.stm", talk / "hyp.stm", "--dialect", tool, "--collar-ms", 100)
    assert f"norm:{tool}," in found["der"]["signature"]
    code, _, err = understudy(talk / "ref.stm", talk / "hyp.stm", "--dialect", "x")
    assert (code, len(err.strip().splitlines())) == (2, 1)


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

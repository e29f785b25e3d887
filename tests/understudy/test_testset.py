import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from testsets import audio
from understudy.cli import build
from understudy.commands.testset import app


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    audio.write(tmp_path / "one.wav", np.random.default_rng(7).standard_normal(8_000) / 100, 16_000)
    return tmp_path


def test_the_command_is_mounted() -> None:
    assert [group.name for group in build(["testset"]).registered_groups] == ["testset"]


def test_listing_names_the_embedded_sets() -> None:
    code, text = run("list", "--json")
    rows = {row["name"]: row for row in json.loads(text)["testsets"]}
    assert code == 0
    assert rows["rehearsal"]["cases"] == 148
    assert "rehearsal" in run("list")[1]


def test_showing_counts_slices() -> None:
    code, text = run("show", "rehearsal", "--json")
    shown = json.loads(text)
    assert code == 0
    assert sum(part["cases"] for part in shown["slices"]["condition"].values()) == shown["cases"] == 148
    code, text = run("show", "rehearsal")
    assert code == 0
    assert "telephone" in text
    assert "and 11 more" in text


def test_importing_then_showing(folder: Path) -> None:
    (folder / "ref.trn").write_text("hello there (one)\n")
    code, text = run("import", str(folder / "ref.trn"), "--out", str(folder / "set.jsonl"), "--json")
    assert (code, json.loads(text)["words"]) == (0, 2)
    code, text = run("show", str(folder / "set.jsonl"))
    assert (code, text.splitlines()[0][:16]) == (0, "ref: 1 cases, 1 ")
    code, text = run("import", str(folder / "ref.trn"), "--out", str(folder / "b.jsonl"), "--name", "mine")
    assert code == 0
    assert "1 cases" in text


def test_what_has_no_reference_is_told(folder: Path) -> None:
    audio.write(folder / "two.wav", np.ones(100) / 10, 8_000)
    (folder / "ref.trn").write_text("hello there (one)\n")
    assert "left out: " in run("import", str(folder / "ref.trn"), "--out", str(folder / "set.jsonl"))[1]


def test_every_problem_of_a_manifest_is_a_line_and_the_exit_code_two(folder: Path) -> None:
    bad = folder / "bad.jsonl"
    bad.write_text(
        '{"format": "understudy-testset", "version": 1, "name": "x"}\n{"id": "a", "audio": "no.wav"}\n{"id": 4}\n'
    )
    code, text = run("show", str(bad))
    assert code == 2
    assert [line.split(": ")[1] for line in text.splitlines()] == [f"{bad}:2", f"{bad}:3"]
    code, text = run("show", str(bad), "--json")
    assert code == 2
    assert len(json.loads(text.splitlines()[0])["problems"]) == 2

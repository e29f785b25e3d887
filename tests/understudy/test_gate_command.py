"""`understudy gate` as a stranger uses it: their services, their test set, their files; from the command line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from testsets import manifest
from testsets.case import Case
from testsets.embedded import open_embedded
from testsets.transcript import Transcript
from understudy.services import Service, service

POLICY = """
version = 1
name = "smoke"
[margins]
wer = { absolute = 0.5 }
[slices]
gating = ["all"]
[minimum]
clusters = 2
units = 3
[pace]
lateness_budget_ms = 5000
speed_tolerance = 0.5
"""


def understudy(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "understudy", *arguments]
    environment = {"UNDERSTUDY_HOME": str(home / "home"), "PATH": "/usr/bin:/bin", "HOME": str(home)}
    return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=home, env=environment)


def few_cases() -> list[Case]:
    cases = [
        c for c in open_embedded("rehearsal").cases if c.tags["condition"] == "clean" and c.tags["style"] == "read"
    ]
    return cases[::11][:5]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    logs = tmp_path_factory.mktemp("logs")
    with service(
        ["serve", "--model", "reference/2", "--port", "0", "--max-sessions", "20"], logs / "serve.log", 120
    ) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    manifest.save(tmp_path / "my.jsonl", "mine", few_cases())
    (tmp_path / "gate.toml").write_text(POLICY)
    return tmp_path


def write_hypotheses(path: Path, texts: dict[str, str]) -> None:
    path.write_text("".join(json.dumps({"id": key, "text": text}) + "\n" for key, text in texts.items()))


def test_two_live_services_and_a_manifest(folder: Path, running: Service) -> None:
    live = ("--champion", running.url, "--candidate", running.url, "--testset", "my.jsonl", "--policy", "gate.toml")
    result = understudy(folder, "gate", *live, "--out", "run", "--sessions", "3", "--json")
    assert result.returncode == 0, result.stderr + result.stdout
    answer = json.loads(result.stdout)
    assert answer["outcome"] == "PASS"
    written = {path.name for path in (folder / "run").iterdir()}
    files = "run.json events.parquet units.parquet comparisons.parquet edge_cases.parquet verdict.json"
    assert set(f"{files} report.html summary.md junit.xml cases.jsonl".split()) <= written
    again = understudy(folder, "rescore", "run", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["comparisons"] == answer["comparisons"]
    drawn = understudy(folder, "report", "run", "--out", "drawn")
    assert drawn.returncode == 0, drawn.stderr
    refused = understudy(folder, "gate", *live, "--out", "run")
    assert (refused.returncode, "not empty" in refused.stderr) == (2, True)


def test_files_of_hypotheses_fail_where_the_candidate_is_worse(folder: Path) -> None:
    cases = few_cases()
    right = {case.id: case.reference.text for case in cases if case.reference is not None}
    write_hypotheses(folder / "old.jsonl", right)
    write_hypotheses(
        folder / "new.jsonl", dict.fromkeys(right, "wrong words altogether in every case of this test set")
    )
    arms = ("--champion", "file:old.jsonl", "--candidate", "file:new.jsonl", "--testset", "my.jsonl")
    result = understudy(folder, "gate", *arms, "--policy", "gate.toml", "--out", "run")
    assert result.returncode == 1, result.stderr + result.stdout
    assert "FAIL" in result.stdout
    promoted = understudy(folder, "promote", "reference/2", "--run", "run")
    assert promoted.returncode == 1
    assert "not PASS" in promoted.stderr


def test_missing_unknown_and_empty_answers_are_findings_not_numbers(folder: Path) -> None:
    right = {case.id: case.reference.text for case in few_cases() if case.reference is not None}
    first, *others = right
    write_hypotheses(folder / "old.jsonl", right)
    write_hypotheses(folder / "new.jsonl", {key: right[key] for key in others} | {others[0]: "", "stranger": "who"})
    arms = ("--champion", "file:old.jsonl", "--candidate", "file:new.jsonl", "--testset", "my.jsonl")
    result = understudy(folder, "gate", *arms, "--policy", "gate.toml", "--out", "run", "--json")
    assert result.returncode in (1, 3), result.stderr
    answer = json.loads(result.stdout)
    assert first in str(answer["findings"])
    assert "stranger" in str(answer["findings"])


def test_case_without_words_in_its_reference_is_scored_as_insertions(folder: Path) -> None:
    cases = [replace(few_cases()[0], reference=Transcript(())), *few_cases()[1:]]
    manifest.save(folder / "my.jsonl", "mine", cases)
    write_hypotheses(folder / "old.jsonl", {c.id: c.reference.text for c in cases if c.reference is not None})
    arms = ("--champion", "file:old.jsonl", "--candidate", "file:old.jsonl", "--testset", "my.jsonl")
    result = understudy(folder, "gate", *arms, "--policy", "gate.toml", "--out", "run")
    assert result.returncode == 0, result.stderr + result.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--champion", "ws://127.0.0.1:9/v2", "--candidate", "ws://127.0.0.1:9/v2"), "127.0.0.1:9"),
        (("--champion", "file:none.jsonl", "--candidate", "file:none.jsonl"), "none.jsonl"),
        (("--champion", "reference/99", "--candidate", "reference/1"), "reference/99"),
        (("--champion", "ftp://host", "--candidate", "reference/1"), "unknown scheme"),
    ],
)
def test_arms_that_cannot_be_asked(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    result = understudy(folder, "gate", *arguments, "--testset", "my.jsonl")
    assert result.returncode == 2
    assert told in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_bad_manifests(folder: Path) -> None:
    lines = (folder / "my.jsonl").read_text().splitlines()
    bad = {
        "twice.jsonl": [*lines, lines[1]],
        "version.jsonl": [lines[0].replace('"version": 1', '"version": 99'), *lines[1:]],
        "gone.jsonl": [lines[0], json.dumps(json.loads(lines[1]) | {"audio": "gone.flac"})],
        "broken.jsonl": [lines[0], "{"],
    }
    for name, content in bad.items():
        (folder / name).write_text("\n".join(content) + "\n")
        result = understudy(
            folder, "gate", "--champion", "file:my.jsonl", "--candidate", "file:my.jsonl", "--testset", name
        )
        assert result.returncode == 2, (name, result.stdout, result.stderr)
        assert name in result.stderr or "gone.flac" in result.stderr, (name, result.stderr)

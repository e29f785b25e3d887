"""``understudy store``: list, show and export over a real capture and bad neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mirror.capture.tee import open_tee
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from testsets import audio, manifest
from testsets.case import Case
from understudy.commands.store import app
from understudy.errors import UsageError

Stage = Callable[..., Any]
MakeCase = Callable[..., Case]


@pytest.fixture
async def store(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> Path:
    """One whole capture, one that was cut, and one that is none."""
    folder = tmp_path / "store"
    case = make_case(seconds=0.2)
    samples, _ = audio.read(case.audio.path)
    async with stage_of() as stage, open_tee(stage.url, folder, rules=EVERYTHING) as tee:
        await replay(case, samples, tee.url)
    (path,) = folder.glob("*.mcap")
    whole = path.read_bytes()
    (folder / "torn.mcap").write_bytes(whole[: len(whole) * 3 // 4])
    (folder / "zero.mcap").write_bytes(b"")
    return folder


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_list(store: Path) -> None:
    answer = json.loads(run("list", str(store), "--json"))
    whole, torn = answer["sessions"]
    assert (whole["audio_seconds"], whole["language"], whole["words"], whole["problem"]) == (0.2, "en", 1, None)
    assert "torn after" in torn["problem"]
    assert ["zero.mcap: torn before its label" in problem for problem in answer["problems"]] == [True]
    assert "complete" in run("list", str(store))


def test_show(store: Path) -> None:
    name = json.loads(run("list", str(store), "--json"))["sessions"][0]["session"]
    answer = json.loads(run("show", str(store), name, "--json"))
    assert [event["text"] for event in answer["events"] if event["kind"] == "final"] == ["word2"]
    assert answer["config"]["language"] == "en"
    assert "word2" in run("show", str(store), name)
    with pytest.raises(UsageError, match="0 sessions are called 'nobody'"):
        run("show", str(store), "nobody")


def test_export(store: Path, tmp_path: Path) -> None:
    answer = json.loads(run("export", str(store), "--out", str(tmp_path / "out"), "--json"))
    assert (answer["cases"], len(answer["skipped"])) == (1, 2)
    testset = manifest.load(answer["manifest"])
    assert testset.digest == answer["digest"]
    assert testset.cases[0].audio.samples == 3_200
    assert sum(frame.samples for frame in testset.cases[0].pacing.frames) == 3_200


def test_export_of_nothing_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no session that can be exported"):
        run("export", str(tmp_path), "--out", str(tmp_path / "out"))

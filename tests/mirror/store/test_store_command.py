"""``understudy store``: list, show and export over a real capture and bad neighbours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mirror.capture.tee import open_tee
from mirror.errors import StoreError
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


def answer_of(*arguments: str, exits: int = 0) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == exits
    return json.loads(result.stdout)


def test_seal_verify_and_change(store: Path) -> None:
    sealed = answer_of("seal", str(store), exits=1)
    assert [row["exact"] for row in sealed["sealed"]] == [True]
    renamed, nothing = sealed["problems"]
    assert "torn.mcap: holds session" in renamed
    assert "zero.mcap: torn before its label" in nothing
    name = sealed["sealed"][0]["session"]
    assert [row["sealed"] for row in answer_of("list", str(store))["sessions"]] == [True, False]
    found = answer_of("verify", str(store))
    assert (found["sessions"], found["problems"], found["unfinished"]) == (1, [], [])
    (store / "sealed" / name / "events.parquet").write_bytes(b"")
    assert "events.parquet: was changed" in answer_of("verify", str(store), exits=1)["problems"][0]
    assert "its end was cut off" in answer_of("verify", str(store), "--head", "0" * 64, exits=1)["problems"][0]


def test_recover(store: Path) -> None:
    answer = answer_of("recover", str(store), exits=1)
    assert answer["mended"] == ["torn"]
    assert "zero.mcap: torn before its label" in answer["problems"][0]
    assert answer_of("recover", str(store), exits=1)["mended"] == []


def test_export_answers_of_production(make_capture: Callable[..., Path], tmp_path: Path) -> None:
    from testsets.formats import seglst, stm

    folder = make_capture(tags={"tenant": "acme"}).parent
    make_capture(name="other")
    answer = answer_of("export", str(folder), "--out", str(tmp_path / "out"), "--tenant", "acme")
    assert answer["cases"] == 1
    said = [(segment.speaker, segment.text, segment.start, segment.end) for segment in stm.load(answer["stm"], 16_000)]
    assert said == [("S1", "word0", 0, 1_600), ("S2", "word1", 1_600, 3_200), ("S1", "word2", 3_200, 4_800)]
    again = [
        (segment.speaker, segment.text, segment.start, segment.end) for segment in seglst.load(answer["seglst"], 16_000)
    ]
    assert again == said


def test_every_reading_and_erasing_is_on_record(make_capture: Callable[..., Path], tmp_path: Path) -> None:
    folder, out = make_capture(name="a").parent, tmp_path / "out"
    run("show", str(folder), "a", "--why", "a complaint", "--who", "ann")
    run("export", str(folder), "--out", str(out), "--who", "bob")
    erased = answer_of("erase", str(folder), "a", "--why", "the caller asked", "--who", "cleo")
    assert (erased["sessions"], erased["marked"]) == (["a"], [str(out)])
    deeds = answer_of("audit", str(folder))["deeds"]
    assert [(deed["who"], deed["action"], deed["sessions"]) for deed in deeds] == [
        ("ann", "read", ["a"]),
        ("bob", "read", ["a"]),
        ("cleo", "erase", ["a"]),
    ]
    assert "a complaint" in run("audit", str(folder))
    path = folder / "audit" / "00000002.json"
    path.write_text(path.read_text().replace("bob", "rob"))
    assert "00000002.json: was changed" in answer_of("verify", str(folder), exits=1)["problems"][0]


def test_retention(make_capture: Callable[..., Path]) -> None:
    folder = make_capture(name="old", began_utc_ns=1).parent
    now = time.time_ns()
    make_capture(name="new", began_utc_ns=now)
    make_capture(name="other", began_utc_ns=2, tags={"tenant": "acme"})
    plan = answer_of("erase", str(folder), "--keep", "30d", "--why", "retention", "--dry-run")
    assert (plan["sessions"], len(list(folder.glob("*.mcap")))) == (["old", "other"], 3)
    assert answer_of("erase", str(folder), "--keep", "30d", "--tenant", "acme", "--why", "x")["sessions"] == ["other"]
    assert answer_of("erase", str(folder), "--keep", "30d", "--why", "retention")["sessions"] == ["old"]
    assert answer_of("erase", str(folder), "--keep", "30d", "--why", "retention")["sessions"] == []
    assert [path.stem for path in folder.glob("*.mcap")] == ["new"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["erase", "--why", "x"], "say what to erase"),
        (["erase", "a", "--keep", "30d", "--why", "x"], "say what to erase"),
        (["erase", "--keep", "soon", "--why", "x"], "--keep 'soon' is no time to keep"),
        (["list", "--since", "soon"], "--since 'soon': give a date"),
        (["list", "--tag", "soon"], "--tag 'soon': give NAME=VALUE"),
        (["show", "--identity", "nowhere", "a"], "no age identity file"),
    ],
)
def test_bad_options(tmp_path: Path, arguments: list[str], message: str) -> None:
    command, *rest = arguments
    with pytest.raises((UsageError, StoreError), match=message):
        run(command, str(tmp_path), *rest)


def test_queries(make_capture: Callable[..., Path]) -> None:
    folder = make_capture(name="a", tags={"tenant": "acme"}).parent
    make_capture(name="b", language="de", packets=9)
    for options, names in (
        (["--tenant", "acme"], ["a"]),
        (["--language", "de", "--min-duration", "0.5"], ["b"]),
        (["--since", "2027-01-01", "--until", "2028-01-01T00:00"], ["a", "b"]),
        (["--since", "2028-01-01", "--rebuild"], []),
    ):
        assert [row["session"] for row in answer_of("list", str(folder), *options)["sessions"]] == names

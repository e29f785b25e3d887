"""``understudy replay``: from a store or a manifest to event logs, lateness and an exit code."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mirror.capture.tee import open_tee
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from testsets import audio, manifest
from testsets.case import Case
from testsets.errors import FormatError
from testsets.eventlog_io import read_event_logs
from understudy.commands.replay import replay as command

Stage = Callable[..., Any]
MakeCase = Callable[..., Case]


async def run(*arguments: str) -> tuple[int, str, str]:
    """The command's exit code, stdout and stderr; in a thread, since it brings a loop of its own."""
    app = typer.Typer()
    app.command()(command)
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


async def test_store_twice_gives_identical_audio_and_order(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path
) -> None:
    store, out = tmp_path / "store", tmp_path / "events.parquet"
    async with stage_of() as stage:
        async with open_tee(stage.url, store, rules=EVERYTHING) as tee:
            for name in ("a", "b"):
                case = make_case(seconds=0.3, name=name)
                samples, _ = audio.read(case.audio.path)
                await replay(case, samples, tee.url)
        original = list(stage.audio)
        (store / "zero.mcap").write_bytes(b"")
        answers = []
        for _ in range(2):
            options = ("--to", stage.url, "--out", str(out), "--sessions", "1", "--budget-ms", "1000", "--json")
            code, answer, err = await run(str(store), *options)
            assert code == 0, err
            assert "zero.mcap: torn before its label" in err
            logs = read_event_logs(out)["replay"]
            answers.append([[(event.kind, event.words) for event in log.events if event.words] for log in logs])
            told = json.loads(answer)
            assert (told["sessions"], told["completed"], told["failures"]) == (2, 2, {})
            assert told["lateness"]["packets"] == 6
            assert told["lateness"]["valid"]
    assert answers[0] == answers[1]
    assert [heard for heard in stage.audio if heard] == original * 3  # first contact sends no audio


async def test_manifest_and_a_recogniser_that_closes_mid_stream(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path
) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case(seconds=0.4)])
    async with stage_of(closes_after=2) as stage:
        code, out, err = await run(str(tmp_path / "set.jsonl"), "--to", stage.url, "--budget-ms", "1000")
    assert code == 1, err
    assert "failed     case: the recogniser closed the connection mid-stream after 0." in out
    assert "0 completed, 1 failed" in out


async def test_too_late_is_hold(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case(seconds=0.2)])
    async with stage_of() as stage:
        code, out, _ = await run(str(tmp_path / "set.jsonl"), "--to", stage.url, "--budget-ms", "0")
    assert code == 3
    assert "INVALID" in out


async def test_endpoint_not_listening_is_one_line_and_exit_2(make_case: MakeCase, tmp_path: Path) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case(seconds=0.2)])
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{unused.getsockname()[1]}/v2"
        arguments = ["replay", str(tmp_path / "set.jsonl"), "--to", url]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "understudy", *arguments, stderr=asyncio.subprocess.PIPE
        )
        _, err = await asyncio.wait_for(process.communicate(), 30)
    line = f"understudy: {url}: nothing listens there; start the recogniser there or correct the address\n"
    assert (process.returncode, err.decode()) == (2, line)


async def test_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="none"):
        await run(str(tmp_path / "none"), "--to", "ws://127.0.0.1:1/v2")

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
from websockets.asyncio.client import connect

from engine import protocol
from mirror.capture.tee import open_tee
from mirror.errors import ReplayError, StoreError
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from mirror.store.audit import Audit
from mirror.store.place import Folder
from testsets import audio, manifest
from testsets.case import Case
from testsets.errors import FormatError
from testsets.eventlog_io import read_event_logs
from understudy.commands.replay import replay as command
from understudy.errors import UsageError

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
            options = ("--to", stage.url, "--out", str(out), "--sessions", "1", "--budget-ms", "60000", "--json")
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
    assert [(deed.why, deed.to, len(deed.sessions)) for deed in Audit(Folder(store)).deeds()] == [
        ("understudy replay", None, 3)
    ] * 2
    assert [heard for heard in stage.audio if heard] == original * 3  # first contact sends no audio


async def test_manifest_and_a_recogniser_that_closes_mid_stream(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path
) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case(seconds=0.4)])
    async with stage_of(closes_after=2) as stage:
        code, out, err = await run(str(tmp_path / "set.jsonl"), "--to", stage.url, "--budget-ms", "60000")
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


async def test_shape_clones_and_ledger(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case(seconds=0.3)])
    ledger = str(tmp_path / "ledger")
    async with stage_of() as stage:
        arguments = (str(tmp_path / "set.jsonl"), "--to", stage.url, "--clones", "2", "--packet-ms", "20")
        options = ("--jitter-ms", "30", "--ledger", ledger, "--budget-ms", "60000", "--json")
        code, out, err = await run(*arguments, *options)
        assert code == 0, err
        assert json.loads(out)["sessions"] == 2
        assert [packets for packets in stage.packets if packets] == [15, 15]
        heard = list(stage.packets)
        again, out, _ = await run(*arguments, *options)
        assert (again, json.loads(out)["completed"]) == (0, 2)
        assert [packets for packets in stage.packets if packets] == [packets for packets in heard if packets]
        with pytest.raises(StoreError, match="ledger of another replay"):
            await run(*arguments, *options, "--seed", "1")


async def test_as_fast_as_acks_allow(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case(seconds=30.0)])
    async with stage_of() as stage:
        code, out, err = await run(str(tmp_path / "set.jsonl"), "--to", stage.url, "--window", "4", "--json")
        assert code == 0, err
        told = json.loads(out)
        assert told["lateness"]["packets"] == 0
        assert told["back_pressure"]["acks"] == stage.packets[-1] == 300
        assert told["back_pressure"]["unconfirmed_max_ns"] <= 400_000_000
        assert told["speed"] > 0
        code, out, _ = await run(str(tmp_path / "set.jsonl"), "--to", stage.url, "--window", "4")
    assert "seconds of audio a second; delays at this pace mean nothing" in out


async def test_reactions_of_a_captured_client_are_flagged(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    store = tmp_path / "store"
    async with stage_of() as stage:
        async with open_tee(stage.url, store, rules=EVERYTHING) as tee, connect(tee.url) as client:
            raw = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}
            start = protocol.StartRecognition(audio_format=raw, transcription_config={"language": "en"})
            await client.send(protocol.encode(start))
            for _ in range(4):
                await client.send(bytes(3_200))
            while "AddTranscript" not in str(await client.recv()):
                pass
            await client.send(protocol.encode(protocol.ForceEndOfUtterance()))
            await client.send(protocol.encode(protocol.EndOfStream(last_seq_no=4)))
            while "EndOfTranscript" not in str(await client.recv()):
                pass
        code, out, err = await run(str(store), "--to", stage.url, "--budget-ms", "60000")
        assert code == 0, err
        assert "ForceEndOfUtterance after an answer at" in out
        _, out, _ = await run(str(store), "--to", stage.url, "--budget-ms", "60000", "--json")
    ((first, *_),) = json.loads(out)["reactions"].values()
    assert first["what"] == "ForceEndOfUtterance after an answer"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--packet-ms", "5"), "packets of 5 ms: give 10 to 500"),
        (("--stall-ms", "20000"), "leave no time to send"),
    ],
)
async def test_shapes_that_make_no_sense(
    make_case: MakeCase, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case()])
    with pytest.raises(UsageError, match=told):
        await run(str(tmp_path / "set.jsonl"), "--to", "ws://127.0.0.1:9/v2", *options)


async def test_wire_that_is_not_known(make_case: MakeCase, tmp_path: Path) -> None:
    manifest.save(tmp_path / "set.jsonl", "set", [make_case()])
    with pytest.raises(ReplayError, match="no address of a known wire"):
        await run(str(tmp_path / "set.jsonl"), "--to", "riva+ws://127.0.0.1:9")

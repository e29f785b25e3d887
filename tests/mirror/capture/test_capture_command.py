"""``understudy capture`` as a process of its own: ready line, drain, and what is left after a kill."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from engine import protocol
from mirror.errors import CaptureError
from mirror.replay import replay
from mirror.store.cases import as_case
from mirror.store.recorded import read_session
from testsets import audio
from testsets.case import Case
from understudy.commands.capture import capture
from understudy.errors import UsageError

Stage = Callable[..., Any]
MakeCase = Callable[..., Case]
START = protocol.encode(
    protocol.StartRecognition({"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}, {"language": "en"})
)


@contextlib.asynccontextmanager
async def capturing(upstream: str, store: Path, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The command in front of ``upstream``, and the URL it says it listens on."""
    arguments = ["capture", "--upstream", upstream, "--store", str(store), "--consent-all", *options]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "understudy", *arguments, stdout=pipe, stderr=pipe
    )
    try:
        assert process.stdout is not None
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        assert ready["ready"] is True
        assert ready["url"] == f"ws://127.0.0.1:{ready['port']}/v2"
        yield process, ready["url"]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_sigterm_drains_and_seals(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    case = make_case(seconds=0.4)
    samples, _ = audio.read(case.audio.path)
    async with stage_of() as stage, capturing(stage.url, tmp_path / "store", "--tag", "tenant=acme") as (process, url):
        playing = asyncio.ensure_future(replay(case, samples, url))
        await asyncio.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        log = await playing
        out, err = await asyncio.wait_for(process.communicate(), 10)
    assert log.failure is None
    assert process.returncode == 0
    assert json.loads(out) == {"ready": False, "sessions": 1, "kept": 1, "incomplete": 0, "refused": 0}
    assert err == b""
    (path,) = (tmp_path / "store").glob("*.mcap")
    session = read_session(path)
    assert session.problem is None
    assert session.tags == {"tenant": "acme"}


async def test_kill_leaves_a_readable_capture(stage_of: Stage, tmp_path: Path) -> None:
    packet_ms, packet = 20, b"\x01\x00" * 320
    async with stage_of() as stage, capturing(stage.url, tmp_path) as (process, url):
        with contextlib.suppress(ConnectionClosed):
            async with connect(url, compression=None, close_timeout=0.1) as client:
                await client.send(START)
                await client.recv()
                for _ in range(40):
                    await client.send(packet)
                    await asyncio.sleep(packet_ms / 1000)
                process.kill()
                await process.wait()
        passed = stage.packets[0]
    (path,) = tmp_path.glob("*.mcap")
    session = read_session(path)
    assert session.problem is not None
    assert "torn" in session.problem
    kept = as_case(session, tmp_path / "audio").audio.samples / 320
    assert 0 < kept <= passed  # how much a kill costs is measured by benchmarks/capture.py


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--listen", "nowhere"], "give HOST:PORT"),
        (["--upstream", "ftp://127.0.0.1:1"], "give ws://HOST:PORT/PATH"),
        (["--tag", "acme"], "give NAME=VALUE"),
        (["--store", "/dev/null/store"], "choose another --store"),
    ],
)
def test_bad_options_are_one_line(tmp_path: Path, options: list[str], line: str) -> None:
    app = typer.Typer()
    app.command()(capture)
    base = ["--upstream", "ws://127.0.0.1:1/v2", "--store", str(tmp_path)]
    with pytest.raises((UsageError, CaptureError), match=line):
        CliRunner().invoke(app, [*base, *options], catch_exceptions=False)

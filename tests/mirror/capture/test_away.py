"""The recorder in its own process: it keeps what passed, and its death costs captures only."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from mirror.capture.away import RecorderAway
from mirror.capture.tee import open_tee
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from mirror.store.recorded import read_session
from testsets import audio
from testsets.case import Case


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def test_what_passed_is_kept(
    stage_of: Callable[..., Any], make_case: Callable[..., Case], tmp_path: Path
) -> None:
    case = make_case(seconds=0.3)
    samples, _ = audio.read(case.audio.path)
    async with stage_of() as stage:
        async with open_tee(stage.url, tmp_path / "store", rules=EVERYTHING, apart=True, tags={"a": "b"}) as tee:
            log = await replay(case, samples, tee.url, token="SECRET")
        assert log.failure is None
        assert (tee.recorder.kept.sessions, tee.recorder.kept.incomplete, tee.recorder.waiting) == (1, 0, 0)
    (path,) = (tmp_path / "store").glob("*.mcap")
    session = read_session(path)
    assert session.problem is None
    assert session.tags == {"a": "b"}
    assert b"SECRET" not in path.read_bytes()


async def test_death_of_the_recorder_costs_captures_only(tmp_path: Path) -> None:
    died, lines = asyncio.Event(), []

    def report(line: str) -> None:
        lines.append(line)
        died.set()

    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        upstream = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        async with (
            open_tee(upstream, tmp_path, rules=EVERYTHING, apart=True, report=report) as tee,
            connect(tee.url, compression=None) as client,
        ):
            assert isinstance(tee.recorder, RecorderAway)
            await client.send("before")
            assert await client.recv() == "before"
            os.kill(tee.recorder.pid, signal.SIGKILL)
            await asyncio.wait_for(died.wait(), 60)
            await client.send("after")
            assert await client.recv() == "after"
        assert tee.counters.dropped == 1
    assert lines == ["the recorder has died: nothing more is captured until the tee is started again"]

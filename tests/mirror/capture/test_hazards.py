"""Disks that fail, clients that hang, messages that are too big: production goes on, and the capture says so."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from mirror.capture.tee import open_tee
from mirror.errors import StoreError
from mirror.privacy.keys import destroy_key, read_identities
from mirror.privacy.rules import EVERYTHING, parse_rules
from mirror.replay import replay
from mirror.store.format import Fact, Side
from mirror.store.recover import Recording, read_recording
from testsets import audio
from testsets.case import Case


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@contextlib.asynccontextmanager
async def echo_server(**options: Any) -> AsyncIterator[str]:
    async with serve(echo, "127.0.0.1", 0, compression=None, **options) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"


def recordings(store: Path) -> list[Recording]:
    return [read_recording(path) for path in sorted(store.glob("*.mcap"))]


async def test_disk_that_is_full_in_the_middle(tmp_path: Path) -> None:
    """The kernel refuses every byte of a file beyond 100 kB, as a full disk would."""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    pipe = asyncio.subprocess.PIPE
    async with echo_server() as upstream:
        arguments = ["capture", "--upstream", upstream, "--store", str(tmp_path), "--consent-all"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "understudy", *arguments, stdout=pipe, stderr=pipe, preexec_fn=small_files
        )
        assert process.stdout is not None
        url = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))["url"]
        async with connect(url, compression=None) as client:
            for number in range(100):
                message = bytes([number]) * 10_000
                await client.send(message)
                assert await client.recv() == message
        process.terminate()
        out, err = await asyncio.wait_for(process.communicate(), 60)
    assert json.loads(out) == {"ready": False, "sessions": 1, "kept": 1, "incomplete": 1, "refused": 0}
    assert b"capture lost, the store cannot be written (File too large)" in err
    (kept,) = recordings(tmp_path)
    assert not kept.ended
    assert 10_000 < sum(len(piece.data) for piece in kept.pieces) < 100_000


async def test_disk_that_takes_no_files() -> None:
    store = Path("/sys/kernel")
    if not store.is_dir():
        pytest.skip("there is no file system here that refuses even root")
    lines: list[str] = []
    async with (
        echo_server() as upstream,
        open_tee(upstream, store, rules=EVERYTHING, report=lines.append) as tee,
        connect(tee.url) as client,
    ):
        await client.send("x")
        assert await client.recv() == "x"
    assert len(lines) == 1
    assert "the store cannot be written" in lines[0]
    assert tee.recorder.kept.incomplete == 1


async def test_clients_that_hang_half_way_hold_up_nobody(tmp_path: Path) -> None:
    async with echo_server() as upstream, open_tee(upstream, tmp_path, rules=EVERYTHING, drain_seconds=0.1) as tee:
        writers = []
        for begun in (b"", b"GET /v2 HT", b"POST /v2/jobs HTTP/1.1\r\nContent-Length: 99\r\n\r\n{"):
            _, writer = await asyncio.open_connection(tee.host, tee.port)
            writer.write(begun)
            writers.append(writer)
        async with connect(tee.url) as client:
            await client.send("x")
            assert await client.recv() == "x"
    for writer in writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    assert Side.SERVER in {piece.side for kept in recordings(tmp_path) for piece in kept.pieces}


async def test_a_message_of_100_mb_passes_and_costs_at_most_its_own_capture(tmp_path: Path) -> None:
    size, heard = 100 * 2**20, []

    async def count(connection: ServerConnection) -> None:
        async for message in connection:
            heard.append(len(message))
            await connection.send("taken")

    async with serve(count, "127.0.0.1", 0, compression=None, max_size=None) as server:
        upstream = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        async with (
            open_tee(upstream, tmp_path, rules=EVERYTHING) as tee,
            connect(tee.url, compression=None) as small,
            connect(tee.url, compression=None) as huge,
        ):
            await small.send(b"before")
            assert await small.recv() == "taken"
            await huge.send(bytes(size))
            assert await huge.recv() == "taken"
            await small.send(b"after")
            assert await small.recv() == "taken"
    assert heard == [6, size, 5]
    by_end = {fact for kept in recordings(tmp_path) for fact in (note.fact for note in kept.notes)}
    assert by_end <= {Fact.INCOMPLETE, Fact.END, Fact.HALF_CLOSED}
    whole = [kept for kept in recordings(tmp_path) if Fact.INCOMPLETE not in {note.fact for note in kept.notes}]
    assert any(sum(len(piece.data) for piece in kept.pieces) < 2_000 for kept in whole)


async def test_what_is_sealed_opens_with_the_identity_only(
    stage_of: Callable[..., Any], make_case: Callable[..., Case], tmp_path: Path
) -> None:
    pyrage = pytest.importorskip("pyrage")
    identity, store = pyrage.x25519.Identity.generate(), tmp_path / "store"
    (tmp_path / "identity").write_text(f"{identity}\n")
    rules = parse_rules(
        f'recipients = ["{identity.to_public()}"]\n[consent]\nname = "Authorization"\nvalue = "Bearer KEY"', "x"
    )
    samples, _ = audio.read((case := make_case(seconds=0.2)).audio.path)
    async with stage_of() as stage, open_tee(stage.url, store, rules=rules) as tee:
        await replay(case, samples, tee.url, token="KEY")
        await replay(case, samples, tee.url, token="NO")
    (path,) = store.glob("*.mcap")
    stored = path.read_bytes()
    assert b"StartRecognition" not in stored
    assert b"word2" not in stored
    identities = read_identities(tmp_path / "identity")
    kept = read_recording(path, identities)
    assert kept.ended
    assert stage.audio[0] == samples_of(kept)
    with pytest.raises(StoreError):
        read_recording(path)
    assert destroy_key(store, kept.label.session)
    with pytest.raises(StoreError, match="erased"):
        read_recording(path, identities)


def samples_of(kept: Recording) -> bytes:
    """The binary messages of the client."""
    from mirror.store.frames import Message, StreamDecoder
    from mirror.store.handshake import Head

    decoder, sent = StreamDecoder(Side.CLIENT, Head("HTTP/1.1 101 x")), b""
    for piece in [piece for piece in kept.pieces if piece.side is Side.CLIENT][1:]:
        for item in decoder.step(piece.data, 0):
            if isinstance(item, Message) and isinstance(item.content, bytes):
                sent += item.content
    return sent


async def test_another_loop_forwards_the_same(tmp_path: Path) -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")

    async def talk() -> None:
        async with (
            echo_server() as upstream,
            open_tee(upstream, tmp_path, rules=EVERYTHING) as tee,
            connect(tee.url) as client,
        ):
            message = os.urandom(200_000)
            await client.send(message)
            assert await client.recv() == message

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(talk())

    await asyncio.to_thread(run)
    (kept,) = recordings(tmp_path)
    assert kept.ended


@pytest.mark.slow
def test_kill_at_random_moments_loses_at_most_a_quarter_second() -> None:
    from benchmarks.capture import LOST_MS, kill

    found = kill(trials=10, sessions=4, seed=int.from_bytes(os.urandom(4), "big"))
    assert found["over_limit"] == 0, found
    assert found["lost_ms_max"] <= LOST_MS
    assert found["finished_sessions_intact"] == 10

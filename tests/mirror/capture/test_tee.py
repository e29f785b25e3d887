"""The tee against real sockets: what passes is untouched, and nothing that happens to the capture is ever felt."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mirror.capture.tee import open_tee
from mirror.capture.upstream import parse_upstream
from mirror.errors import CaptureError
from mirror.privacy.keys import SessionKey
from mirror.privacy.rules import EVERYTHING, NOTHING, Rules
from mirror.store.format import Fact, Label, Piece, Side
from mirror.store.recover import Recording, read_recording
from mirror.store.writer import SessionWriter


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@contextlib.asynccontextmanager
async def echo_server() -> AsyncIterator[str]:
    async with serve(echo, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"


def only(store: Path) -> Recording:
    (path,) = store.glob("*.mcap")
    return read_recording(path)


def of(recording: Recording, side: Side) -> bytes:
    return b"".join(piece.data for piece in recording.pieces if piece.side is side)


async def test_messages_pass_unchanged_and_are_recorded(tmp_path: Path) -> None:
    headers = {"Authorization": "Bearer SECRET"}
    async with (
        echo_server() as upstream,
        open_tee(upstream, tmp_path, rules=EVERYTHING) as tee,
        connect(f"{tee.url}?jwt=SECRET", additional_headers=headers) as client,
    ):
        for message in ("hello", b"\x00" * 70_000):
            await client.send(message)
            assert await client.recv() == message
    recording = only(tmp_path)
    assert recording.ended
    assert not recording.torn
    assert b"HTTP/1.1 101" in of(recording, Side.SERVER)
    assert b"SECRET" not in recording.path.read_bytes()
    assert recording.label.upstream in upstream


async def test_dead_upstream_is_a_clean_refusal(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        upstream = f"ws://127.0.0.1:{unused.getsockname()[1]}/v2"
        async with open_tee(upstream, tmp_path, rules=EVERYTHING) as tee:
            with pytest.raises(InvalidStatus, match="502"):
                async with connect(tee.url):
                    pass
            assert tee.counters.refused == 1
    assert list(tmp_path.iterdir()) == []


async def test_half_close_is_mirrored(tmp_path: Path) -> None:
    async def answer_at_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = await reader.read(-1)
        writer.write(b"heard " + heard)
        writer.close()

    server = await asyncio.start_server(answer_at_end, "127.0.0.1", 0)
    async with (
        server,
        open_tee(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", tmp_path, rules=EVERYTHING) as tee,
    ):
        reader, writer = await asyncio.open_connection(tee.host, tee.port)
        writer.write(b"all of it")
        writer.write_eof()
        assert await reader.read(-1) == b"heard all of it"
        writer.close()
        await writer.wait_closed()


async def test_reset_of_the_upstream_is_mirrored(tmp_path: Path) -> None:
    async def abort(connection: ServerConnection) -> None:
        await connection.recv()
        connection.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
        )
        connection.transport.abort()

    async with (
        serve(abort, "127.0.0.1", 0) as server,
        open_tee(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", tmp_path, rules=EVERYTHING) as tee,
        connect(tee.url) as client,
    ):
        await client.send("x")
        with pytest.raises(ConnectionClosed):
            await client.recv()
    assert Fact.RESET in {note.fact for note in only(tmp_path).notes}


async def test_client_that_vanishes_ends_the_session(tmp_path: Path) -> None:
    async with echo_server() as upstream, open_tee(upstream, tmp_path, rules=EVERYTHING) as tee:
        client = await connect(tee.url)
        await client.send("x")
        await client.recv()
        client.transport.abort()
        for _ in range(100):
            await asyncio.sleep(0.01)
            if tee.counters.ended == 1:
                break
        assert tee.counters.ended == 1
    assert only(tmp_path).ended


class HungDisk(SessionWriter):
    """A real session file on a disk that takes three pieces a second."""

    def piece(self, piece: Piece) -> None:
        time.sleep(0.3)
        super().piece(piece)


async def test_slow_disk_costs_the_capture_and_not_the_client(tmp_path: Path) -> None:
    lines: list[str] = []
    async with echo_server() as upstream:
        tee_of = open_tee(
            upstream, tmp_path, queue_bytes=10_000, new_file=HungDisk, report=lines.append, rules=EVERYTHING
        )
        async with tee_of as tee, connect(tee.url) as client:
            loop = asyncio.get_running_loop()
            begin = loop.time()
            for _ in range(40):
                await client.send(os.urandom(3_200))  # incompressible, for the library compresses by itself
                assert len(await client.recv()) == 3_200
            assert loop.time() - begin < 5.0  # the disk would need 24 s
            assert tee.counters.open == 1
    recording = only(tmp_path)
    assert Fact.INCOMPLETE in {note.fact for note in recording.notes}


async def test_full_disk_costs_the_capture_and_not_the_client(tmp_path: Path) -> None:
    def full(folder: Path, label: Label, key: SessionKey | None) -> SessionWriter:
        raise OSError(28, "No space left on device")

    lines: list[str] = []
    async with (
        echo_server() as upstream,
        open_tee(upstream, tmp_path, new_file=full, report=lines.append, rules=EVERYTHING) as tee,
        connect(tee.url) as client,
    ):
        await client.send("x")
        assert await client.recv() == "x"
    assert len(lines) == 1
    assert "No space left" in lines[0]


@pytest.mark.parametrize("rules", [NOTHING, EVERYTHING])
async def test_plain_http_passes_and_is_kept_with_consent(tmp_path: Path, rules: Rules) -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{"id": 1, "token":"TT"}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(http, "127.0.0.1", 0)
    upstream = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
    async with server, open_tee(upstream, tmp_path, rules=rules) as tee:
        assert tee.url.startswith("http://127.0.0.1:")
        reader, writer = await asyncio.open_connection(tee.host, tee.port)
        writer.write(b"GET /v2/jobs HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.read(-1)).endswith(b'{"id": 1, "token":"TT"}')
        writer.close()
        await writer.wait_closed()
    if rules is NOTHING:
        assert list(tmp_path.iterdir()) == []
        return
    recording = only(tmp_path)
    assert of(recording, Side.SERVER).endswith(b'{"id": 1, "token":"**"}')
    assert Fact.HTTP_ONLY in {note.fact for note in recording.notes}


async def test_taken_port_is_one_clear_error(tmp_path: Path) -> None:
    async with echo_server() as upstream:
        with pytest.raises(CaptureError, match="choose another --listen"):
            async with open_tee(upstream, tmp_path, port=parse_upstream(upstream).port, rules=EVERYTHING):
                pass


@pytest.mark.parametrize("url", ["ftp://h/v2", "h:80", "ws://", "ws://h:99999/v2"])
def test_upstream_that_cannot_be_served(url: str) -> None:
    with pytest.raises(CaptureError, match="give ws://HOST:PORT/PATH"):
        parse_upstream(url)

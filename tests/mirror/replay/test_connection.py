"""A connection under whatever a server may do with the WebSocket protocol, byte by byte if it likes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Close, Frame, Opcode

from mirror.replay.connection import LARGEST, Connection, connect

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Diary:
    """A listener that writes everything down."""

    def __init__(self) -> None:
        self.heard_: list[str | bytes] = []
        self.end: tuple[int | None, str] | Exception | None = None
        self.over = asyncio.Event()

    def opened(self, connection: Connection) -> None:
        connection.send("hello")

    def heard(self, frame: str | bytes) -> None:
        self.heard_.append(frame)

    def held(self, held: bool) -> None:
        pass

    def closed(self, code: int | None, reason: str) -> None:
        self.end = (code, reason)
        self.over.set()

    def refused(self, error: Exception) -> None:
        self.end = error
        self.over.set()


@contextlib.asynccontextmanager
async def served(script: Script) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        with contextlib.suppress(ConnectionError):
            await script(reader, writer)
            writer.write_eof()
            await reader.read()
        writer.close()
        done.set()

    done = asyncio.Event()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with asyncio.timeout(30):
            await done.wait()


async def diary_of(script: Script) -> Diary:
    diary = Diary()
    async with served(script) as url:
        connection = await connect(url, {}, diary)
        async with asyncio.timeout(30):
            await diary.over.wait()
        connection.abort()
        await connection.lost
    return diary


def frame(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin=fin).serialize(mask=False)


CLOSE = frame(Opcode.CLOSE, Close(1000, "bye").serialize())
STREAM = (
    frame(Opcode.TEXT, b"one")
    + frame(Opcode.PING, b"?")
    + frame(Opcode.TEXT, "tw\u00f6".encode()[:3], fin=False)
    + frame(Opcode.PONG, b"")
    + frame(Opcode.CONT, "tw\u00f6".encode()[3:])
    + frame(Opcode.BINARY, bytes(300))
    + frame(Opcode.BINARY, b"a", fin=False)
    + frame(Opcode.CONT, b"b", fin=False)
    + frame(Opcode.CONT, b"c")
    + frame(Opcode.TEXT, b"\xff")
    + frame(Opcode.TEXT, b"x" * 70_000)
    + CLOSE
)
HEARD = ["one", "tw\u00f6", bytes(300), b"abc", b"\xff", "x" * 70_000]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=5, unique=True).map(sorted))
def test_messages_however_they_are_cut(cuts: list[int]) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for start, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True):
            writer.write(STREAM[start:end])
            await writer.drain()
            await asyncio.sleep(0)

    diary = asyncio.run(diary_of(script))
    assert diary.heard_ == HEARD
    assert diary.end == (1000, "bye")


async def test_byte_by_byte_and_the_pong_comes_back() -> None:
    short = frame(Opcode.TEXT, b"one") + frame(Opcode.PING, b"?") + frame(Opcode.TEXT, b"y" * 200)
    said = bytearray()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for value in short:
            writer.write(bytes([value]))
            await writer.drain()
        said.extend(await reader.readexactly(11 + 7))  # the greeting, and the pong
        writer.write(CLOSE)

    diary = await diary_of(script)
    assert diary.heard_ == ["one", "y" * 200]
    assert (said[0], said[11] & 0x0F) == (0x81, Opcode.PONG)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xc1\x08squeezed", 1002),  # compression was never agreed on
        (frame(Opcode.CONT, b"of nothing"), 1002),
        (b"\x81\xfe" + bytes(20), 1002),  # a server that masks
        (b"\x81\x7f" + (LARGEST + 1).to_bytes(8, "big"), 1009),
        (b"\x82\x7f" + (100 * 2**20).to_bytes(8, "big") + bytes(1_000), 1009),
    ],
)
async def test_what_breaks_the_protocol_ends_the_session(data: bytes, code: int) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(Opcode.TEXT, b"before") + data)

    diary = await diary_of(script)
    assert diary.heard_ == ["before"]
    assert isinstance(diary.end, tuple)
    assert diary.end[0] == code

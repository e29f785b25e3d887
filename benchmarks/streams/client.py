"""Many streams at once, each frame timed from being sent to being confirmed."""

from __future__ import annotations

import asyncio
import os
import struct
import time
from collections import deque

from benchmarks.streams.echo import ACK

HANDSHAKE = (
    b"GET /v2 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def frame_of(payload: bytes) -> bytes:
    """A binary client frame; its mask is zero, so that its bytes are the payload's."""
    size = len(payload)
    head = struct.pack("!BBH", 0x82, 0xFE, size) if size < 65_536 else struct.pack("!BBQ", 0x82, 0xFF, size)
    return head + bytes(4) + payload


class Stream(asyncio.Protocol):
    """One connection; ``waits`` are nanoseconds from sending a frame to its ACK."""

    def __init__(self) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waits: list[int] = []
        self.acked = 0
        self._sent: deque[int] = deque()
        self._head, self._rest = b"", 0
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        if not self.opened.done():
            self._head += data
            _, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self.opened.set_result(None)
        self._rest += len(data)
        count, self._rest = divmod(self._rest, len(ACK))
        for _ in range(min(count, len(self._sent))):
            self.waits.append(now - self._sent.popleft())
            self.acked += 1

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._room.set()
        if not self.lost.done():
            self.lost.set_result(None)

    def send(self, frame: bytes) -> None:
        self._sent.append(time.monotonic_ns())
        self.transport.write(frame)

    async def paced(self, frame: bytes, seconds: float, period: float, offset: float) -> None:
        """Send on an absolute schedule."""
        loop = asyncio.get_running_loop()
        begin = loop.time() + offset
        for number in range(round(seconds / period)):
            await asyncio.sleep(max(0.0, begin + number * period - loop.time()))
            self.send(frame)

    async def flat_out(self, frame: bytes, seconds: float) -> None:
        """Send as fast as the other side takes it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.transport.is_closing():
            await self._room.wait()
            self.send(frame)
            await asyncio.sleep(0)


async def open_streams(port: int, count: int) -> list[Stream]:
    """So many open connections."""
    loop, streams = asyncio.get_running_loop(), []
    for _ in range(count):
        _, stream = await loop.create_connection(Stream, "127.0.0.1", port)
        await stream.opened
        streams.append(stream)
    return streams


def payload(size: int) -> bytes:
    """Noise, for silence would compress."""
    return os.urandom(size)

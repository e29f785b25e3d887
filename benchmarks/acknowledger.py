"""A recogniser that only acknowledges, as cheap as Python can make it: frames are counted, never unmasked."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from typing import cast

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


def text(message: bytes) -> bytes:
    """One unmasked text frame of less than 126 bytes."""
    return struct.pack("!BB", 0x81, len(message)) + message


class Acknowledger(asyncio.Protocol):
    """One session of real-time v2: every binary frame is confirmed, the second text frame ends it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._data, self._open = cast(asyncio.WriteTransport, transport), b"", False
        self._packets = self._texts = 0

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._open:
            self._greet()
        while self._open and (size := self._frame()):
            self._data = self._data[size:]

    def _greet(self) -> None:
        head, end, rest = self._data.partition(b"\r\n\r\n")
        if not end:
            return
        lines = (line.partition(b":") for line in head.split(b"\r\n"))
        key = next(value.strip() for name, _, value in lines if name.lower() == b"sec-websocket-key")
        accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest())
        self._write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self._data, self._open = rest, True

    def _frame(self) -> int:
        """Bytes of the first whole frame, answered; 0 when it is not whole yet."""
        data = self._data
        if len(data) < 2:
            return 0
        size, head = data[1] & 0x7F, 6
        if size == 126 and len(data) >= 4:
            size, head = struct.unpack_from("!H", data, 2)[0], 8
        elif size == 127 and len(data) >= 10:
            size, head = struct.unpack_from("!Q", data, 2)[0], 14
        if len(data) < head + size:
            return 0
        self._answer(data[0] & 0x0F, data[: head + size])
        return int(head + size)

    def _answer(self, opcode: int, frame: bytes) -> None:
        if opcode == 2:
            self._packets += 1
            self._write(text(b'{"message": "AudioAdded", "seq_no": %d}' % self._packets))
        elif opcode == 1:
            self._texts += 1
            message = b"RecognitionStarted" if self._texts == 1 else b"EndOfTranscript"
            self._write(text(b'{"message": "%s"}' % message))
        elif opcode == 8:
            self._write(b"\x88\x02\x03\xe8")
            self._open = False
            self._transport.close()

    def _write(self, data: bytes) -> None:
        self._transport.write(data)


async def listen() -> None:
    """Serve for ever; the port is printed first."""
    server = await asyncio.get_running_loop().create_server(Acknowledger, "127.0.0.1", 0, backlog=4_096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Listen on the fastest loop that is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(listen())
    else:
        uvloop.run(listen())

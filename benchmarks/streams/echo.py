"""A recogniser that confirms every frame and does nothing else: ``python -m benchmarks.streams.echo FRAME_BYTES``."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys

ACK = b"\x82\x01\x00"  # a binary frame of one byte
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Echo(asyncio.Protocol):
    """Answers the handshake, and each frame of the known size by an ACK; other frames are not told apart."""

    def __init__(self, frame: int) -> None:
        self._frame, self._left, self._head, self._open = frame, frame, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if not self._open:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._open = True
            self._transport.write(_accept(head))
        self._left -= len(data)
        while self._left <= 0:
            self._left += self._frame
            self._transport.write(ACK)


def _accept(head: bytes) -> bytes:
    """The server's handshake. Source: RFC 6455 section 4.2.2."""
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    key = next(line.split(b": ", 1)[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    assert b"upgrade" in headers
    accept = base64.b64encode(hashlib.sha1(key.strip() + _GUID).digest())
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return switch + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"


async def main(frame: int) -> None:
    """Serve until killed; the port is the first line of stdout."""
    server = await asyncio.get_running_loop().create_server(lambda: Echo(frame), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

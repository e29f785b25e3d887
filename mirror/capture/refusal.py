"""A clean refusal for a client whose recogniser cannot be reached."""

from __future__ import annotations

import asyncio

_HEAD_SECONDS = 2.0  # how long the client may take to finish its request
_LEAVE_SECONDS = 2.0  # and to read the answer and leave


class Refusal(asyncio.Protocol):
    """Reads the client's request, answers 502 and closes without a reset, so that the answer arrives.

    Args:
        transport: the client's leg, which this protocol takes over.
        upstream: who could not be reached, for the answer's body.
    """

    def __init__(self, transport: asyncio.Transport, upstream: str) -> None:
        self._transport, self._upstream = transport, upstream
        self._request = b""
        self._asked = asyncio.Event()
        self._left = asyncio.Event()
        transport.set_protocol(self)

    async def said(self) -> None:
        """Answer and wait, within bounds, until the client is gone."""
        self._transport.resume_reading()
        await _within(self._asked, _HEAD_SECONDS)
        if not self._transport.is_closing():
            body = f"the recogniser at {self._upstream} cannot be reached\n".encode()
            head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
            self._transport.write(head.encode() + b"Connection: close\r\n\r\n" + body)
            self._transport.write_eof()
            await _within(self._left, _LEAVE_SECONDS)
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._request = (self._request + data)[-4:]
        if self._request == b"\r\n\r\n":
            self._asked.set()

    def eof_received(self) -> bool:
        self._asked.set()
        self._left.set()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._asked.set()
        self._left.set()


async def _within(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return

"""A WebSocket on a plain asyncio transport: no task, no queue and no lock a message, so that thousands fit one loop.

The handshake, control frames and everything received go through the sans-I/O protocol of ``websockets``; what is sent
is framed here, with a fresh mask each, and handed to the transport at once.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import struct
from collections.abc import Mapping
from typing import Protocol, cast

from websockets.client import ClientProtocol
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from mirror.codecs import Frame

try:  # the compiled version is part of every binary wheel
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

LARGEST = 2**24  # bytes of one message from a recogniser; more is no transcript
_TEXT, _BINARY = 0x81, 0x82  # final frame, opcode


class Listener(Protocol):
    """Whom a connection tells what happens; all calls come from the loop's thread."""

    def opened(self, connection: Connection) -> None: ...
    def heard(self, frame: Frame) -> None: ...
    def held(self, held: bool) -> None:
        """The other side takes nothing more for now (True), or again (False)."""
        ...

    def closed(self, code: int | None, reason: str) -> None: ...
    def refused(self, error: Exception) -> None:
        """The handshake failed."""
        ...


class Connection(asyncio.Protocol):
    """One client connection; build it with ``connect``."""

    def __init__(self, url: str, headers: Mapping[str, str], listener: Listener) -> None:
        self._websocket = ClientProtocol(parse_uri(url), max_size=LARGEST)
        self._headers, self._listener = headers, listener
        self._parts: list[bytes] = []  # of a fragmented message
        self._is_text = True
        self._greeted = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        request = self._websocket.connect()
        for name, value in self._headers.items():
            request.headers[name] = value
        self._websocket.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._websocket.receive_data(data)
        self._take()

    def eof_received(self) -> None:
        self._websocket.receive_eof()
        self._take()

    def pause_writing(self) -> None:
        self._listener.held(True)

    def resume_writing(self) -> None:
        self._listener.held(False)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
        if not self._greeted:
            self._listener.refused(self._websocket.handshake_exc or EOFError("it closed the connection"))
            return
        heard = self._websocket.close_rcvd or self._websocket.close_sent
        self._listener.closed(*((heard.code, heard.reason) if heard else (None, "no close frame")))

    def send(self, frame: Frame) -> None:
        """Send one message now."""
        text = isinstance(frame, str)
        self._transport.write(masked(frame.encode() if isinstance(frame, str) else frame, _TEXT if text else _BINARY))

    def close(self) -> None:
        """Say goodbye; the other side closes the transport."""
        if self._websocket.state is State.OPEN:
            self._websocket.send_close(1000)
            self._flush()

    def abort(self) -> None:
        """Drop the transport without a word."""
        self._transport.abort()

    def _take(self) -> None:
        for event in self._websocket.events_received():
            if isinstance(event, Response):
                self._greet()
            elif isinstance(event, WireFrame):
                self._frame(event)
        self._flush()

    def _greet(self) -> None:
        if self._websocket.handshake_exc is not None:
            self._transport.abort()  # a server may hold a refused connection open
            return
        self._greeted = True
        self._listener.opened(self)

    def _frame(self, frame: WireFrame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._is_text = frame.opcode is Opcode.TEXT
            if frame.fin:
                self._tell(bytes(frame.data))
                return
            self._parts = [bytes(frame.data)]
        elif frame.opcode is Opcode.CONT:
            self._parts.append(bytes(frame.data))
            if frame.fin:
                self._tell(b"".join(self._parts))

    def _tell(self, data: bytes) -> None:
        # Text that is no UTF-8 reaches the codec as bytes, which calls it what it is.
        try:
            self._listener.heard(data.decode() if self._is_text else data)
        except UnicodeDecodeError:
            self._listener.heard(data)

    def _flush(self) -> None:
        for data in self._websocket.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()


async def connect(url: str, headers: Mapping[str, str], listener: Listener) -> Connection:
    """Open the transport and send the handshake; the listener is told how that went.

    Raises:
        OSError: nothing listens there.
        InvalidURI: the address is malformed.
    """
    uri = parse_uri(url)
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: Connection(url, headers, listener),
        uri.host,
        uri.port,
        ssl=ssl.create_default_context() if uri.secure else None,
    )
    return connection


def masked(data: bytes, first: int) -> bytes:
    """One client frame.

    Args:
        data: its payload.
        first: its first byte: final flag and opcode.

    Source: RFC 6455, section 5.2.
    """
    mask, size = os.urandom(4), len(data)
    if size < 126:
        head = struct.pack("!BB4s", first, 0x80 | size, mask)
    elif size < 65_536:
        head = struct.pack("!BBH4s", first, 0x80 | 126, size, mask)
    else:
        head = struct.pack("!BBQ4s", first, 0x80 | 127, size, mask)
    return head + apply_mask(data, mask)

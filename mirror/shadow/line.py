"""One connection to the candidate; every byte of it is recorded beside the champion's session (asyncio shell)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from websockets.client import ClientProtocol
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from mirror.codecs import Frame
from mirror.privacy.redact import Names, is_secret_parameter
from mirror.store.format import Side
from mirror.store.handshake import Head

LARGEST = 2**24  # bytes of one message from a candidate; more is no transcript
UNSENT_LIMIT = 4 * 2**20  # bytes that the candidate has not taken yet


class Listener(Protocol):
    """Whom a line tells; every call comes from the loop's thread."""

    def opened(self) -> None: ...
    def heard(self, frame: Frame) -> None: ...
    def bytes_passed(self, side: Side, data: bytes) -> None: ...
    def failed(self, why: str) -> None: ...
    def closed(self) -> None: ...


class Line(asyncio.Protocol):
    """A WebSocket to the candidate.

    Args:
        url: its address.
        headers: of the handshake.
        listener: told everything.
    """

    def __init__(self, url: str, headers: Mapping[str, str], listener: Listener) -> None:
        self._websocket = ClientProtocol(parse_uri(url), max_size=LARGEST)
        self._headers, self._listener = headers, listener
        self._parts: list[bytes] = []
        self._text = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        request = self._websocket.connect()
        for name, value in self._headers.items():
            request.headers[name] = value
        self._websocket.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._listener.bytes_passed(Side.SERVER, data)
        self._websocket.receive_data(data)
        for event in self._websocket.events_received():
            if isinstance(event, Response):
                self._greeted(event)
            elif isinstance(event, WireFrame):
                self._frame(event)
        self._flush()
        broken = self._websocket.parser_exc
        if broken is not None and not isinstance(broken, EOFError):
            self._listener.failed(f"it sends no WebSocket frames ({broken})")
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._listener.closed()

    def send(self, frame: Frame) -> None:
        """Send one message; a candidate that does not take it is given up."""
        if self._websocket.state is not State.OPEN or self._transport is None:
            return
        if isinstance(frame, str):
            self._websocket.send_text(frame.encode())
        else:
            self._websocket.send_binary(frame)
        self._flush()
        if self._transport.get_write_buffer_size() > UNSENT_LIMIT:
            self._listener.failed("it takes nothing more")
            self.abort()

    def close(self) -> None:
        """Say goodbye."""
        if self._websocket.state is State.OPEN:
            self._websocket.send_close(1000)
            self._flush()
        elif self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Drop the transport without a word."""
        if self._transport is not None:
            self._transport.abort()

    def _greeted(self, response: Response) -> None:
        if response.status_code == 101 and self._websocket.handshake_exc is None:
            self._listener.opened()
            return
        self._listener.failed(f"it answers HTTP {response.status_code} instead of opening a WebSocket")
        self.abort()

    def _frame(self, frame: WireFrame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self._parts, self._text = [], frame.opcode is Opcode.TEXT
            self._parts.append(bytes(frame.data))
            if frame.fin:
                whole = b"".join(self._parts)
                self._listener.heard(whole.decode("utf-8", "replace") if self._text else whole)

    def _flush(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        for data in self._websocket.data_to_send():
            if data:
                self._listener.bytes_passed(Side.CLIENT, data)
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()


async def dial(url: str, headers: Mapping[str, str], listener: Listener, seconds: float) -> Line:
    """Open a line; how the handshake goes is told to the listener.

    Raises:
        OSError, TimeoutError: nothing listens there.
    """
    from mirror.capture.upstream import client_tls

    uri = parse_uri(url)
    async with asyncio.timeout(seconds):
        _, line = await asyncio.get_running_loop().create_connection(
            lambda: Line(url, headers, listener), uri.host, uri.port, ssl=client_tls() if uri.secure else None
        )
    return line


def candidate_url(url: str, request: Head, names: Names) -> str:
    """The candidate's address with what the client asked for in its query; credentials are the champion's alone.

    Args:
        url: as the user gave it; what its query says wins.
        request: the client's opening request.
        names: parameters that are private beside those that sound so.
    """
    parts = urlsplit(url)
    asked = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    ours = parse_qsl(parts.query, keep_blank_values=True)
    known = {name for name, _ in ours}
    kept = [(name, value) for name, value in asked if name not in known and not is_secret_parameter(name, names)]
    return urlunsplit(parts._replace(query=urlencode([*kept, *ours])))

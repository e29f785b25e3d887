"""A WebSocket on a plain asyncio transport: no task, no queue and no lock a message, so that thousands fit one loop.

The handshake, control frames and everything received go through the sans-I/O protocol of ``websockets``; what is sent
is framed here, with a fresh mask each, and handed to the transport at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol, cast

from websockets.client import ClientProtocol
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from mirror.codecs import Frame
from mirror.replay.framing import BINARY, TEXT, masked, payload_at
from mirror.replay.trust import authorities

LARGEST = 2**22  # bytes of one message from a recogniser; more is no transcript
CLOSE_SECONDS = 2.0  # for the other side to close its transport once it has said goodbye
LARGEST_HEAD = 2**16  # of a handshake


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
        self._data = b""  # of a frame that is not whole yet
        self._parts: list[bytes] = []  # of a fragmented message
        self._is_text = True  # that message
        self._greeted = self._refused = self._leaving = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        request = self._websocket.connect()
        for name, value in self._headers.items():
            request.headers[name] = value
        self._websocket.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        data, self._data = self._data + data, b""
        if not self._greeted:
            data = self._handshake(data)
        at = 0
        while self._greeted and (payload := payload_at(data, at)) is not None:
            begin, end = payload
            if end > len(data) and end - begin <= LARGEST:
                break
            # What is no whole message of its own is rare, and the library's to understand or to refuse.
            if data[at] in (TEXT, BINARY) and data[at + 1] < 0x80 and not self._parts and end <= len(data):
                self._tell(data[begin:end], data[at] == TEXT)
            else:
                self._websocket.receive_data(data[at:end])
                self._take()
            at = end
        self._data += data[at:]

    def _handshake(self, data: bytes) -> bytes:
        """What follows the handshake; nothing while it is not whole."""
        head, mark, rest = data.partition(b"\r\n\r\n")
        if not mark and len(data) <= LARGEST_HEAD and not self._refused:
            self._data = data
            return b""
        self._websocket.receive_data(head + mark if not self._refused else data)
        self._take()
        if self._greeted:
            return rest
        if rest and not self._refused:
            self._websocket.receive_data(rest)
            self._take()
        self._refused = True  # the rest is the body of the refusal
        return b""

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
        self._transport.write(masked(frame.encode() if isinstance(frame, str) else frame, TEXT if text else BINARY))

    def close(self) -> None:
        """Say goodbye; the other side closes the transport."""
        if not self._greeted:
            self.abort()
        elif self._websocket.state is State.OPEN:
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
        if self._websocket.parser_exc is not None:
            self._transport.close()  # nothing that follows would be understood
        elif self._websocket.close_rcvd is not None and not self._leaving:
            self._leaving = True
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    def _greet(self) -> None:
        if self._websocket.handshake_exc is not None:
            self._transport.abort()  # a server may hold a refused connection open
            return
        self._greeted = True
        self._listener.opened(self)

    def _frame(self, frame: WireFrame) -> None:
        """A message that came in fragments, or a control frame, which needs nothing more."""
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._is_text, self._parts = frame.opcode is Opcode.TEXT, [bytes(frame.data)]
        elif frame.opcode is Opcode.CONT:
            self._parts.append(bytes(frame.data))
        else:
            return
        if frame.fin:
            whole, self._parts = b"".join(self._parts), []
            self._tell(whole, self._is_text)

    def _tell(self, data: bytes, is_text: bool) -> None:
        # Text that is no UTF-8 reaches the codec as bytes, which calls it what it is.
        try:
            self._listener.heard(data.decode() if is_text else data)
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
        ssl=authorities() if uri.secure else None,
    )
    return connection

"""From the bytes of one side to WebSocket messages: masking, fragments, compression, control frames.

Source: RFC 6455, RFC 7692; parsing is done by ``websockets`` without I/O.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from websockets.exceptions import ProtocolError
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import CLIENT, SERVER, Protocol

from mirror.store.format import Side
from mirror.store.handshake import Head


@dataclass(frozen=True, slots=True)
class Message:
    """One whole message of one side; its time is when its last byte passed."""

    side: Side
    at_ns: int  # since the session began
    content: str | bytes  # text or binary, unmasked and decompressed


@dataclass(frozen=True, slots=True)
class Closing:
    """A close frame."""

    side: Side
    at_ns: int
    code: int | None  # None when the frame was empty
    reason: str


class StreamDecoder:
    """Decodes the bytes that one side sent after the handshake.

    Args:
        side: who sent them.
        response: the server's handshake, which names the agreed extensions.
    """

    def __init__(self, side: Side, response: Head) -> None:
        self._side = side
        # The decoder stands where the receiver stood: what a client sent is read as a server would.
        self._protocol = Protocol(SERVER if side is Side.CLIENT else CLIENT, max_size=None)
        self._protocol.extensions = list(_extensions(side, response))
        self._parts: list[bytes] = []
        self._text = False

    def step(self, data: bytes, at_ns: int) -> Iterator[Message | Closing]:
        """What became whole with these bytes.

        Raises:
            ProtocolError: the bytes are no WebSocket frames.
        """
        self._protocol.receive_data(data)
        self._protocol.data_to_send()  # the automatic answers to pings are not ours to send
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                yield from self._frame(event, at_ns)
        failed = self._protocol.parser_exc
        if failed is not None and not isinstance(failed, EOFError):
            raise ProtocolError(str(failed))

    def _frame(self, frame: Frame, at_ns: int) -> Iterator[Message | Closing]:
        if frame.opcode is Opcode.CLOSE:
            close = Close.parse(frame.data) if frame.data else None
            code, reason = (int(close.code), close.reason) if close is not None else (None, "")
            yield Closing(self._side, at_ns, code, reason)
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self._parts, self._text = [], frame.opcode is Opcode.TEXT
            self._parts.append(bytes(frame.data))
            if frame.fin:
                whole = b"".join(self._parts)
                yield Message(self._side, at_ns, whole.decode("utf-8", "replace") if self._text else whole)


def _extensions(side: Side, response: Head) -> Iterator[PerMessageDeflate]:
    """The compression that both agreed on, from the receiver's point of view."""
    agreed = (response.get("sec-websocket-extensions") or "").lower()
    for extension in agreed.split(","):
        name, *parameters = (part.strip() for part in extension.split(";"))
        if name != "permessage-deflate":
            continue
        given = dict((p.partition("=")[0].strip(), p.partition("=")[2].strip(' "')) for p in parameters)
        ours, theirs = ("server", "client") if side is Side.CLIENT else ("client", "server")
        yield PerMessageDeflate(
            remote_no_context_takeover=f"{theirs}_no_context_takeover" in given,
            local_no_context_takeover=f"{ours}_no_context_takeover" in given,
            remote_max_window_bits=int(given.get(f"{theirs}_max_window_bits") or 15),
            local_max_window_bits=15,  # nothing is ever compressed here
        )

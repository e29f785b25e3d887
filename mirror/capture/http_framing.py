"""Where one message of HTTP/1.1 ends and the next begins, in the bytes of one side; nothing is decoded or changed.

Source: RFC 9112 sections 6 and 7.1. Strict where leniency would let a credential pass for a body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from mirror.store.handshake import HEAD_END, Head, parse_head

HEAD_LIMIT = 64 * 1024  # bytes; no client sends a longer head
_LINE_LIMIT = 1_024  # of a chunk's size


class NotHttp(Exception):
    """The bytes are no HTTP/1.1, so that nothing after them can be understood; the text says why."""


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes of a body as sent."""

    data: bytes
    payload: bool  # False for the marks between chunks


@dataclass(frozen=True, slots=True)
class End:
    """The message that the last head began is whole."""


class _At(Enum):
    HEAD, COUNTED, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, OPEN_ENDED = range(7)


class HttpFraming:
    """Cuts the bytes of one side into heads, bodies and ends.

    Args:
        bodiless: told a head, says that no body follows whatever its headers say.
    """

    def __init__(self, bodiless: Callable[[Head], bool]) -> None:
        self._bodiless = bodiless
        self._at = _At.HEAD
        self._left = 0  # bytes of the body, or of the chunk
        self._buffer = b""

    def step(self, data: bytes) -> Iterator[Head | Body | End]:
        """What became clear with these bytes; stop asking at a head that changes the protocol, and take ``rest``.

        Raises:
            NotHttp: these are no messages of HTTP/1.1.
        """
        self._buffer += data
        while self._buffer:
            before = len(self._buffer), self._at
            yield from self._advance()
            if (len(self._buffer), self._at) == before:
                return

    def rest(self) -> bytes:
        """Everything after the last item; it is the caller's now."""
        rest, self._buffer = self._buffer, b""
        return rest

    def _advance(self) -> Iterator[Head | Body | End]:
        match self._at:
            case _At.HEAD:
                yield from self._head()
            case _At.COUNTED | _At.CHUNK:
                part, self._buffer = self._buffer[: self._left], self._buffer[self._left :]
                self._left -= len(part)
                whole, counted = self._left == 0, self._at is _At.COUNTED
                if whole:
                    self._at = _At.HEAD if counted else _At.CHUNK_END
                yield Body(part, payload=True)
                if whole and counted:
                    yield End()
            case _At.OPEN_ENDED:
                yield Body(self.rest(), payload=True)
            case _:
                yield from self._mark()

    def _head(self) -> Iterator[Head | End]:
        raw, end, rest = self._buffer.lstrip(b"\r\n").partition(HEAD_END)
        if not end:
            if len(raw) > HEAD_LIMIT:
                raise NotHttp("its head has no end")
            return
        head = parse_head(raw + end)
        if head is None:
            raise NotHttp("it does not speak HTTP/1.1")
        self._buffer = rest
        self._at, self._left = self._body_of(head)
        yield head
        if self._at is _At.HEAD:
            yield End()

    def _body_of(self, head: Head) -> tuple[_At, int]:
        if self._bodiless(head):
            return _At.HEAD, 0
        coding, length = head.get("transfer-encoding"), head.get("content-length")
        if coding is not None:
            if length is not None or not coding.lower().endswith("chunked"):
                raise NotHttp("the length of its body is ambiguous")
            return _At.CHUNK_SIZE, 0
        if length is not None:
            if not length.isascii() or not length.isdigit():
                raise NotHttp("the length of its body is no number")
            return (_At.COUNTED, int(length)) if int(length) else (_At.HEAD, 0)
        return (_At.HEAD, 0) if head.status is None else (_At.OPEN_ENDED, 0)

    def _mark(self) -> Iterator[Body | End]:
        """A line between chunks, or of the trailer."""
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            if len(line) > _LINE_LIMIT:
                raise NotHttp("a chunk of its body has no size")
            return
        self._buffer = rest
        yield Body(line + end, payload=False)
        if self._at is _At.CHUNK_END:
            self._at = _At.CHUNK_SIZE
        elif self._at is _At.CHUNK_SIZE:
            try:
                self._left = int(line.partition(b";")[0], 16)
            except ValueError:
                raise NotHttp("a chunk of its body has no size") from None
            self._at = _At.CHUNK if self._left else _At.TRAILER
        elif not line:
            self._at = _At.HEAD
            yield End()

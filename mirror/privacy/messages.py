"""Credentials in WebSocket messages: found frame by frame as the bytes pass, whatever way the network cut them.

Audio and control frames pass as they are and are never held. Text is held until its message is whole, searched, and
kept as it came, but for blanked bytes. Where both sides agreed to compress, every message is kept uncompressed, as
RFC 7692 allows for any message, because a blanked one would break the stream for those after it.

Source: RFC 6455 section 5.2, RFC 7692 section 7.2.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from websockets.frames import Frame, Opcode

from mirror.privacy.blank import Blank
from mirror.store.format import Side
from mirror.store.handshake import Head

try:  # the compiled version is part of every binary wheel
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

HELD_LIMIT = 2**20  # bytes of one message that has to be searched
_INFLATED_LIMIT = 2**24
_TAIL = b"\x00\x00\xff\xff"  # what a compressing sender leaves out


class Unsearchable(Exception):
    """A message that cannot be searched, so that nothing from there on may be kept; the text says why."""

    kept = b""  # what stood before it


@dataclass(frozen=True, slots=True)
class _Prefix:
    """The begin of a frame: everything before its payload."""

    first: int  # flags and opcode
    size: int  # bytes of payload
    mask: bytes  # empty when unmasked
    length: int  # bytes of this prefix itself

    @property
    def opcode(self) -> int:
        return self.first & 0x0F

    @property
    def whole(self) -> int:
        return self.length + self.size


class MessageSearch:
    """What may be kept of the bytes that one side sent after its head.

    Args:
        side: who sends them.
        response: the server's head, which names the agreed extensions.
        blank: overwrites credentials in a text.
    """

    def __init__(self, side: Side, response: Head, blank: Blank) -> None:
        self._side, self._blank = side, blank
        agreed = (response.get("sec-websocket-extensions") or "").lower()
        self._compressed = "permessage-deflate" in agreed
        self._forgets = f"{side}_no_context_takeover" in agreed
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._buffer = b""
        self._passing = 0  # bytes of a frame that need no look
        self._message: _Prefix | None = None  # the first frame of a message that is not yet whole
        self._held: list[tuple[_Prefix, bytes]] = []  # frames of that message and their payloads, unmasked

    def step(self, data: bytes) -> bytes:
        """What to keep now of everything so far.

        Raises:
            Unsearchable: the bytes are no frames, or a text is too long to be held.
        """
        if self._passing >= len(data) and not self._buffer:
            self._passing -= len(data)
            return data
        self._buffer += data
        kept: list[bytes] = []
        try:
            kept.extend(self._kept())
        except Unsearchable as error:
            error.kept = b"".join(kept)
            raise
        return b"".join(kept)

    def _kept(self) -> Iterator[bytes]:
        while self._buffer:
            if self._passing:
                part, self._buffer = self._buffer[: self._passing], self._buffer[self._passing :]
                self._passing -= len(part)
                yield part
                continue
            prefix = _prefix(self._buffer)
            if prefix is None:
                return
            if not self._must_search(prefix):
                self._follow(prefix)
                self._passing = prefix.whole
                continue
            if prefix.size + sum(len(payload) for _, payload in self._held) > HELD_LIMIT:
                raise Unsearchable(f"a message over {HELD_LIMIT} bytes cannot be searched for credentials")
            if len(self._buffer) < prefix.whole:
                return
            payload, self._buffer = self._buffer[prefix.length : prefix.whole], self._buffer[prefix.whole :]
            yield from self._hold(prefix, apply_mask(payload, prefix.mask) if prefix.mask else payload)

    def _follow(self, prefix: _Prefix) -> None:
        """Remember of a message that passes unsearched that it is one, for its continuations."""
        if prefix.opcode < Opcode.CLOSE:
            if prefix.opcode != Opcode.CONT:
                self._message = prefix
            if prefix.first & 0x80:
                self._message = None

    def _must_search(self, prefix: _Prefix) -> bool:
        if prefix.opcode >= Opcode.CLOSE:
            return False
        first = self._message if prefix.opcode == Opcode.CONT else prefix
        if first is None:
            raise Unsearchable("the bytes are no WebSocket frames")
        return first.opcode == Opcode.TEXT or bool(first.first & 0x40)

    def _hold(self, prefix: _Prefix, payload: bytes) -> Iterator[bytes]:
        if prefix.opcode != Opcode.CONT:
            self._message = prefix
        self._held.append((prefix, payload))
        if not prefix.first & 0x80:
            return
        first, self._message = self._message, None
        held, self._held = self._held, []
        assert first is not None  # _must_search has seen to it
        text = b"".join(payload for _, payload in held)
        if first.first & 0x40:
            text = self._inflated(text)
            text = self._blank(text) if first.opcode == Opcode.TEXT else text
            yield Frame(Opcode(first.opcode), text).serialize(mask=self._side is Side.CLIENT)
            return
        text, start = self._blank(text), 0
        for part, payload in held:
            yield _framed(part, text[start : start + len(payload)])
            start += len(payload)

    def _inflated(self, data: bytes) -> bytes:
        if not self._compressed:
            raise Unsearchable("a compressed message where none was agreed")
        if self._forgets:
            self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            text = self._inflater.decompress(data + _TAIL, _INFLATED_LIMIT)
        except zlib.error as error:
            raise Unsearchable(f"a compressed message that does not inflate ({error})") from None
        if self._inflater.unconsumed_tail:
            raise Unsearchable(f"a message that inflates to over {_INFLATED_LIMIT} bytes")
        return text


def _prefix(data: bytes) -> _Prefix | None:
    """The begin of a frame, None when it is not whole yet."""
    if len(data) < 2:
        return None
    size, at = data[1] & 0x7F, 2
    if size > 125:
        width = 2 if size == 126 else 8
        if len(data) < at + width:
            return None
        size, at = int.from_bytes(data[at : at + width], "big"), at + width
    if not data[1] & 0x80:
        return _Prefix(data[0], size, b"", at)
    return _Prefix(data[0], size, data[at : at + 4], at + 4) if len(data) >= at + 4 else None


def _framed(prefix: _Prefix, payload: bytes) -> bytes:
    """The frame again, with another payload of the same length."""
    size = prefix.size
    masked = 0x80 if prefix.mask else 0
    if size < 126:
        head = bytes([prefix.first, masked | size])
    elif prefix.length - len(prefix.mask) == 4:
        head = bytes([prefix.first, masked | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([prefix.first, masked | 127]) + size.to_bytes(8, "big")
    return head + prefix.mask + (apply_mask(payload, prefix.mask) if prefix.mask else payload)

"""What may be kept of the body of an HTTP message: its credentials blanked where they stand."""

from __future__ import annotations

import zlib

from mirror.capture.http_framing import Body
from mirror.privacy.blank import Blank
from mirror.store.handshake import Head

HELD_BYTES = 2**20  # of a body before the first of it is stored
_OVERLAP = 2**14  # bytes that are held over, so that a credential on the border is seen whole
_INFLATED_LIMIT = 2**24
_SPEECH = ("audio/", "video/")  # bodies that hold nothing else


class KeptBody:
    """One body, held in windows that are searched and blanked; no byte moves.

    Args:
        head: of the message.
        blank: overwrites credentials in a text.
    """

    def __init__(self, head: Head, blank: Blank) -> None:
        self._blank = blank
        self._parts: list[Body] = []
        self._size = 0
        self._plain = (head.get("content-type") or "").lower().startswith(_SPEECH)
        self._coded = (head.get("content-encoding") or "identity").lower() != "identity"

    def step(self, part: Body) -> bytes:
        """What to keep now of everything so far."""
        if self._plain:
            return part.data
        self._parts.append(part)
        self._size += len(part.data)
        return self._settled(_OVERLAP) if self._size > HELD_BYTES else b""

    def end(self) -> bytes:
        """The rest."""
        return self._settled(0) if self._parts else b""

    def _settled(self, hold_back: int) -> bytes:
        """Blank what is held and give it away, but for its last bytes."""
        searched = self._searched(b"".join(part.data for part in self._parts if part.payload))
        parts, at = [], 0
        for part in self._parts:
            if part.payload:
                parts.append(Body(searched[at : at + len(part.data)], payload=True))
                at += len(part.data)
            else:
                parts.append(part)
        held: list[Body] = []
        while parts and hold_back > 0:
            last = parts.pop()
            cut = max(0, len(last.data) - hold_back) if last.payload else 0
            held.insert(0, Body(last.data[cut:], last.payload))
            hold_back -= len(held[0].data)
            if cut:
                parts.append(Body(last.data[:cut], payload=True))
        self._parts, self._size = held, sum(len(part.data) for part in held)
        return b"".join(part.data for part in parts)

    def _searched(self, payload: bytes) -> bytes:
        if not self._coded:
            return self._blank(payload)
        # What is compressed cannot be blanked in place: it is kept only where a look inside finds nothing to blank.
        try:
            text = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(payload, _INFLATED_LIMIT)
        except zlib.error:
            return bytes(len(payload))
        return payload if len(text) < _INFLATED_LIMIT and self._blank(text) == text else bytes(len(payload))

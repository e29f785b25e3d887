"""WebSocket frames as bytes: masking what is sent, and finding the frames in what came. Pure.

Source: RFC 6455, section 5.2.
"""

from __future__ import annotations

import os
import struct

try:  # the compiled version is part of every binary wheel
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

TEXT, BINARY = 0x81, 0x82  # first byte of a whole message: final flag and opcode


def masked(data: bytes, first: int) -> bytes:
    """One client frame.

    Args:
        data: its payload.
        first: its first byte, ``TEXT`` or ``BINARY``.
    """
    mask, size = os.urandom(4), len(data)
    if size < 126:
        head = struct.pack("!BB4s", first, 0x80 | size, mask)
    elif size < 65_536:
        head = struct.pack("!BBH4s", first, 0x80 | 126, size, mask)
    else:
        head = struct.pack("!BBQ4s", first, 0x80 | 127, size, mask)
    return head + apply_mask(data, mask)


def payload_at(data: bytes, at: int) -> tuple[int, int] | None:
    """Begin and end of the payload of the server frame that begins at ``at``; None while its head is not whole."""
    left = len(data) - at
    if left < 2:
        return None
    size = data[at + 1] & 0x7F
    if size < 126:
        return at + 2, at + 2 + size
    if size == 126:
        return (at + 4, at + 4 + int.from_bytes(data[at + 2 : at + 4])) if left >= 4 else None
    return (at + 10, at + 10 + int.from_bytes(data[at + 2 : at + 10])) if left >= 10 else None

"""What the tee tells a recorder in a process of its own, as bytes; a plain codec without I/O."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from mirror.store.format import Fact, Label, Note, Piece, Side

_HEAD = struct.Struct("!BIQI")  # kind, session number, at_ns, bytes that follow
_LABEL, _NOTE = 0, 1
_SIDES = {Side.CLIENT: 2, Side.SERVER: 3}
_KINDS = {kind: side for side, kind in _SIDES.items()}


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing that happened to the session of a number."""

    number: int
    content: Label | Piece | Note


def written(number: int, content: Label | Piece | Note) -> bytes:
    """A letter as bytes."""
    if isinstance(content, Piece):
        return _HEAD.pack(_SIDES[content.side], number, content.at_ns, len(content.data)) + content.data
    row = {**asdict(content), "tags": dict(content.tags)} if isinstance(content, Label) else _note(content)
    text = json.dumps(row).encode()
    kind, at_ns = (_LABEL, 0) if isinstance(content, Label) else (_NOTE, content.at_ns)
    return _HEAD.pack(kind, number, at_ns, len(text)) + text


def _note(note: Note) -> dict[str, object]:
    return {"fact": str(note.fact), "detail": dict(note.detail)}


class Reader:
    """Letters out of bytes, however they were cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def step(self, data: bytes) -> Iterator[Letter]:
        """The letters that became whole."""
        self._buffer += data
        at = 0
        while len(self._buffer) - at >= _HEAD.size:
            kind, number, at_ns, size = _HEAD.unpack_from(self._buffer, at)
            begin, end = at + _HEAD.size, at + _HEAD.size + size
            if len(self._buffer) < end:
                break
            yield Letter(number, _content(kind, at_ns, bytes(self._buffer[begin:end])))
            at = end
        del self._buffer[:at]


def _content(kind: int, at_ns: int, data: bytes) -> Label | Piece | Note:
    if kind in _KINDS:
        return Piece(_KINDS[kind], at_ns, data)
    row = json.loads(data)
    return Label(**row) if kind == _LABEL else Note(Fact(row["fact"]), at_ns, row["detail"])

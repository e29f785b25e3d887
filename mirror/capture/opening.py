"""Which bytes of a connection are stored: redacted heads, then the WebSocket, and nothing of any other traffic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mirror.capture.redact import redact
from mirror.store.format import Fact, Note, Piece, Side
from mirror.store.handshake import HEAD_END, parse_head

HEAD_LIMIT = 64 * 1024  # bytes; no client sends a longer head


class Opening:
    """Turns a connection's pieces into what may be stored; does no I/O.

    A head is held until it is whole, because a credential may be cut in two by the network. What the client sends
    after its head waits until the server agreed to a WebSocket; if it does not, the rest of the connection is not kept.
    """

    def __init__(self) -> None:
        self._heads = {Side.CLIENT: b"", Side.SERVER: b""}
        self._held: list[Piece] = []
        self._asked = False  # the client's head was whole and asked for a WebSocket
        self._open = False  # the server agreed
        self._shut = False  # nothing more is kept

    def step(self, piece: Piece) -> Iterator[Piece | Note]:
        """What to store now that ``piece`` passed."""
        if self._open:
            yield piece
        elif self._shut:
            return
        elif piece.side is Side.CLIENT and self._asked:
            self._held.append(piece)
        else:
            yield from self._head(piece)

    def _head(self, piece: Piece) -> Iterator[Piece | Note]:
        data = self._heads[piece.side] + piece.data
        raw, end, rest = data.partition(HEAD_END)
        if not end:
            self._heads[piece.side] = data
            if len(data) > HEAD_LIMIT:
                yield self._refuse(piece, "its head has no end")
            return
        head = parse_head(raw + end)
        if head is None:
            yield self._refuse(piece, "it does not speak HTTP")
            return
        yield replace(piece, data=redact(head).encode())
        if piece.side is Side.CLIENT:
            self._asked = head.asks_upgrade
            if not self._asked:
                yield self._refuse(piece, "the client did not ask for a WebSocket")
            elif rest:
                self._held.append(replace(piece, data=rest))
        elif head.status == 101:
            self._open = True
            yield from self._held
            self._held.clear()
            if rest:
                yield replace(piece, data=rest)
        else:
            yield self._refuse(piece, f"the server answered {head.status}")

    def _refuse(self, piece: Piece, why: str) -> Note:
        self._shut = True
        self._held.clear()
        self._heads.clear()
        return Note(Fact.HTTP_ONLY, piece.at_ns, {"why": why})

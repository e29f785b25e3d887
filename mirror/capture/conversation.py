"""Which bytes of a connection are stored: what its tenant consented to, with every credential taken out.

A connection is a run of HTTP exchanges, one after the other or pipelined, that may end in a WebSocket. It belongs to
the tenant of its first kept exchange; exchanges of anybody else on it are passed over. Does no I/O.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mirror.capture.http_framing import Body, End, HttpFraming, NotHttp
from mirror.capture.kept_body import KeptBody
from mirror.privacy.blank import Blanker
from mirror.privacy.messages import MessageSearch, Unsearchable
from mirror.privacy.redact import redact
from mirror.privacy.rules import Admission, Rules
from mirror.store.format import Fact, Note, Piece, Side
from mirror.store.handshake import Head


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that waits for its response."""

    kept: bool
    method: str
    upgrade: bool


class Conversation:
    """Turns a connection's pieces into what may be stored.

    A head is held until it is whole, because a credential may be cut in two by the network. What a client sends after
    asking for a WebSocket waits until the server agreed to one.

    Args:
        session: the connection's name in the store.
        rules: who consented to what.
    """

    def __init__(self, session: str, rules: Rules) -> None:
        self._session, self._rules, self._names = session, rules, rules.names
        self._blank = Blanker(self._names).blanked
        self.admission: Admission | None = None  # of the first exchange that is kept
        self.deaf = rules.keeps_nothing  # nothing that may still come will be stored
        self._framing = {
            Side.CLIENT: HttpFraming(lambda head: False),
            Side.SERVER: HttpFraming(self._bodiless),
        }
        self._asked: deque[_Asked] = deque()
        self._bodies: dict[Side, KeptBody | None] = {Side.CLIENT: None, Side.SERVER: None}
        self._waiting: list[Piece] | None = None  # of the client, after it asked for a WebSocket
        self._searches: dict[Side, MessageSearch] = {}  # once it is a WebSocket

    def step(self, piece: Piece) -> Iterator[Piece | Note]:
        """What to store now that ``piece`` passed."""
        if self.deaf:
            return
        try:
            if self._searches:
                yield from self._said(piece)
            elif piece.side is Side.CLIENT and self._waiting is not None:
                self._waiting.append(piece)
            else:
                yield from self._exchange(piece)
        except (NotHttp, Unsearchable) as error:
            self._waiting, self.deaf = None, True
            if self.admission is not None:
                yield Note(Fact.INCOMPLETE, piece.at_ns, {"why": f"the {piece.side}: {error}"})

    def end(self, at_ns: int) -> Iterator[Piece | Note]:
        """What is left to store when the connection is over."""
        for side, body in self._bodies.items():
            data = body.end() if body is not None and not self.deaf else b""
            if data:
                yield Piece(side, at_ns, data)
        if self.admission is not None and not self._searches:
            yield Note(Fact.HTTP_ONLY, at_ns, {"why": "no exchange of this connection became a WebSocket"})

    def _said(self, piece: Piece) -> Iterator[Piece]:
        try:
            data = self._searches[piece.side].step(piece.data)
        except Unsearchable as error:
            if error.kept:
                yield replace(piece, data=error.kept)
            raise
        if data:
            yield replace(piece, data=data)

    def _exchange(self, piece: Piece) -> Iterator[Piece | Note]:
        framing = self._framing[piece.side]
        for item in framing.step(piece.data):
            if isinstance(item, Head):
                if piece.side is Side.CLIENT:
                    yield from self._request(item, piece)
                else:
                    yield from self._response(item, piece)
                if self._waiting is not None or self._searches or self.deaf:
                    yield from self._after(piece, framing.rest())
                    return
            else:
                yield from self._body(piece, item)

    def _body(self, piece: Piece, item: Body | End) -> Iterator[Piece]:
        kept = self._bodies[piece.side]
        if kept is None:
            return
        if isinstance(item, Body):
            data = kept.step(item)
        else:
            data, self._bodies[piece.side] = kept.end(), None
        if data:
            yield replace(piece, data=data)

    def _request(self, head: Head, piece: Piece) -> Iterator[Piece]:
        admission = self._rules.admit(head, self._session)
        kept = admission is not None and self.admission in (None, admission)
        if kept:
            self.admission = admission
            self._bodies[Side.CLIENT] = KeptBody(head, self._blank)
            yield replace(piece, data=redact(head, self._names).encode())
        self._asked.append(_Asked(kept, head.first_line.partition(" ")[0].upper(), head.asks_upgrade))
        if head.asks_upgrade:
            self._waiting = []

    def _response(self, head: Head, piece: Piece) -> Iterator[Piece | Note]:
        if not self._asked:
            raise NotHttp("it answered what nobody asked")
        asked, status = self._asked[0], head.status or 0
        if asked.kept:
            yield replace(piece, data=redact(head, self._names).encode())
        if status == 101:
            yield from self._upgraded(head, asked)
            return
        if status >= 200:
            self._asked.popleft()
            self._bodies[Side.SERVER] = KeptBody(head, self._blank) if asked.kept else None
            if asked.upgrade:
                yield from self._resumed()

    def _upgraded(self, head: Head, asked: _Asked) -> Iterator[Piece]:
        waiting, self._waiting = self._waiting or [], None
        if not asked.kept:
            self.deaf = True
            return
        self._searches = {side: MessageSearch(side, head, self._blank) for side in Side}
        for piece in waiting:
            yield from self._said(piece)

    def _resumed(self) -> Iterator[Piece | Note]:
        """The server wanted no WebSocket, so that what the client sent meanwhile is HTTP."""
        waiting, self._waiting = self._waiting or [], None
        for piece in waiting:
            yield from self.step(piece)

    def _after(self, piece: Piece, rest: bytes) -> Iterator[Piece | Note]:
        if rest:
            yield from self.step(replace(piece, data=rest))

    def _bodiless(self, head: Head) -> bool:
        status = head.status or 0
        return status < 200 or status in (204, 304) or (bool(self._asked) and self._asked[0].method == "HEAD")

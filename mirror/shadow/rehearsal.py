"""What the candidate hears of one session: the client's own messages, in order, as soon as it is ready for them.

The candidate may be slower to start than the champion was, so that audio waits here until it has said that it is ready.
Does no I/O and may fail without anybody being hurt.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from websockets.exceptions import ProtocolError

from mirror.codecs import VIOLATION, Codec, Frame, What
from mirror.privacy.rules import Admission, Rules
from mirror.shadow.disagreement import Disagreement, disagreement, said_by_both
from mirror.store.format import Piece, Side
from mirror.store.frames import Closing, Message, StreamDecoder
from mirror.store.handshake import HEAD_END, Head, parse_head
from testsets.events import Event, Kind
from testsets.transcript import Word

HELD_LIMIT = 4 * 2**20  # bytes that may wait for the candidate
_HEAD_LIMIT = 64 * 1024
_RATE = 16_000  # of word times; both arms are read alike, so that any rate will do


class NoPart(Exception):
    """The candidate gets nothing (more) of this session; the text says why."""


class Part:
    """What one recogniser says in a session.

    Args:
        codec: reads its messages.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.words: list[Word] = []  # final
        self.ended = False
        self.started = False
        self.violations = 0

    def hear(self, frame: Frame, at_ns: int) -> None:
        for event in self._codec.heard(frame, at_ns):
            self._take(event)

    def _take(self, event: Event) -> None:
        if event.kind is Kind.FINAL:
            self.words += event.words
        self.started = self.started or event.kind is Kind.STARTED
        self.ended = self.ended or event.kind is Kind.ENDED
        self.violations += VIOLATION in event.detail


class Rehearsal:
    """One session of the tee, followed for a candidate.

    Args:
        session: its name.
        rules: who consented; what may not be kept is not played either.
        codec: makes the codec of the wire that all three speak, for a sample rate.
    """

    def __init__(self, session: str, rules: Rules, codec: Callable[[int], Codec]) -> None:
        self._session, self._rules, self.names = session, rules, rules.names
        self._client = codec(_RATE)
        self.champion, self.candidate = Part(codec(_RATE)), Part(codec(_RATE))
        self._greets = self._client.traits.greets
        self._heads = {Side.CLIENT: b"", Side.SERVER: b""}
        self._decoders: dict[Side, StreamDecoder] = {}
        self._unfinished = dict.fromkeys(Side, 0)  # bytes of a message that is not yet whole
        self._early = b""  # of the client, after its head
        self._waiting: deque[tuple[What, Frame]] = deque()
        self._waiting_bytes = 0
        self.admission: Admission | None = None
        self.request: Head | None = None  # once the session is to be played
        self.connected = False
        self.client_left = False

    def passed(self, piece: Piece) -> None:
        """Something passed between the client and the champion.

        Raises:
            NoPart: there is nothing to play, or no longer.
        """
        if not self._decoders:
            self._greet(piece)
            return
        self._unfinished[piece.side] += len(piece.data)
        try:
            for item in self._decoders[piece.side].step(piece.data, piece.at_ns):
                self._unfinished[piece.side] = 0
                self._follow(piece.side, item)
        except ProtocolError as error:
            raise NoPart(f"the {piece.side} sends no WebSocket frames ({error})") from None
        if self._unfinished[piece.side] > HELD_LIMIT:
            raise NoPart(f"the {piece.side} sends a message over {HELD_LIMIT} bytes")

    def _follow(self, side: Side, item: Message | Closing) -> None:
        if isinstance(item, Closing):
            self.client_left = self.client_left or side is Side.CLIENT
        elif side is Side.SERVER:
            self.champion.hear(item.content, item.at_ns)
        else:
            self._waiting.append((self._client.said(item.content).what, item.content))
            self._waiting_bytes += len(item.content)
            if self._waiting_bytes > HELD_LIMIT:
                raise NoPart("the candidate fell too far behind")

    def _greet(self, piece: Piece) -> None:
        data = self._heads[piece.side] + piece.data
        raw, end, rest = data.partition(HEAD_END)
        self._heads[piece.side] = data
        if not end:
            if len(data) > _HEAD_LIMIT:
                raise NoPart("the connection does not begin with HTTP")
            return
        head = parse_head(raw + end)
        if head is None or (piece.side is Side.CLIENT and not head.asks_upgrade):
            raise NoPart("the connection is no WebSocket")
        if piece.side is Side.CLIENT:
            self.admission = self._rules.admit(head, self._session)
            if self.admission is None:
                raise NoPart("nobody consented")
            self._early = rest
        elif head.status != 101:
            raise NoPart(f"the champion answered {head.status}")
        else:
            self.request = parse_head(self._heads[Side.CLIENT].partition(HEAD_END)[0] + HEAD_END)
            self._decoders = {side: StreamDecoder(side, head) for side in Side}
            for side, begun in ((Side.CLIENT, self._early), (Side.SERVER, rest)):
                if begun:
                    self.passed(Piece(side, piece.at_ns, begun))

    def due(self) -> Iterator[Frame]:
        """What the candidate may hear now."""
        while self._waiting and self._open_for(self._waiting[0][0]):
            _, frame = self._waiting.popleft()
            self._waiting_bytes -= len(frame)
            yield frame

    def _open_for(self, what: What) -> bool:
        """Audio waits for a recogniser that greets; what comes before audio does not."""
        if not self.connected:
            return False
        return not self._greets or self.candidate.started or what in (What.START, What.OTHER)

    @property
    def so_far(self) -> Disagreement:
        """Over what both have said; everything once both are done."""
        if self.champion.ended and self.candidate.ended:
            return self.total
        return said_by_both(self.champion.words, self.candidate.words)

    @property
    def total(self) -> Disagreement:
        """Over everything said until now."""
        return disagreement((w.text for w in self.champion.words), (w.text for w in self.candidate.words))

"""The tee: a TCP server that joins each client to the recogniser and lets the recorder listen (asyncio shell)."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from mirror.capture.leg import Leg
from mirror.capture.meters import Counters
from mirror.capture.recorder import QUEUE_BYTES, Kept, Recorder
from mirror.capture.refusal import Refusal
from mirror.capture.upstream import Upstream, client_tls, parse_upstream
from mirror.errors import CaptureError
from mirror.privacy.keys import SessionKey
from mirror.privacy.rules import NOTHING, Rules
from mirror.store.format import Fact, Label, Note, Piece, Side
from mirror.store.writer import SessionWriter

CONNECT_SECONDS = 10.0


class Heard(Protocol):
    """One connection, as a listener hears it."""

    def offer(self, piece: Piece) -> None:
        """Bytes passed; must return at once and never raise."""
        ...

    def note(self, note: Note) -> None:
        """Something happened; a note of the end is the last."""
        ...


class Taken(Heard, Protocol):
    """One connection, as the recorder hears it."""

    full: bool  # something was dropped
    offered: int  # bytes


class Records(Protocol):
    """Whoever writes the store: a thread of ours, or a process of its own."""

    kept: Kept

    def open(self, label: Label) -> Taken:
        """A connection begins."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes that passed the tee and are not yet written or passed over."""
        ...

    async def shut(self) -> None:
        """Write what is left, within bounds."""
        ...


class Audience(Protocol):
    """Somebody beside the recorder who listens to every connection."""

    def open(self, label: Label) -> Heard:
        """A connection begins."""
        ...


class Connection:
    """One client joined to the upstream, and what the recorder hears of it."""

    def __init__(self, tee: Tee, number: int) -> None:
        self._tee = tee
        self._began_ns = tee.clock()
        utc_ns = tee.utc_clock()
        label = Label(_name(utc_ns, number), utc_ns, f"{tee.upstream.host}:{tee.upstream.port}", tee.tags)
        self._track: Taken = tee.recorder.open(label)
        self._others = tuple(listener.open(label) for listener in tee.audience)
        self._present: set[Side] = set()
        self.client = Leg(Side.CLIENT, self, tee.clock)
        self.server = Leg(Side.SERVER, self, tee.clock)

    def arrived(self, side: Side) -> None:
        # Only now: a client that fails at its TLS handshake must not cost the recogniser a connection.
        if side is Side.CLIENT:
            self._tee.arrived(self)

    def join(self) -> None:
        """Let bytes flow, now that both legs stand."""
        self._present = {Side.CLIENT, Side.SERVER}
        self.client.other, self.server.other = self.server, self.client
        self._tee.counters.open += 1
        self.client.begin()
        self.server.begin()

    def passed(self, side: Side, data: bytes, read_ns: int) -> None:
        now_ns, seen = self._tee.clock(), self._tee.counters
        seen.latency.add(now_ns - read_ns)
        seen.forwarded[side] += len(data)
        piece = Piece(side, now_ns - self._began_ns, data)
        self._track.offer(piece)
        for other in self._others:
            other.offer(piece)

    def happened(self, side: Side, fact: Fact) -> None:
        self._note(fact, {"side": str(side)})

    def left(self, side: Side) -> None:
        if side not in self._present:
            return
        self._present.discard(side)
        if not self._present:
            self._note(Fact.END, {"bytes": self._track.offered})
            self._tee.ended(self, dropped=self._track.full)

    def _note(self, fact: Fact, detail: Mapping[str, Any]) -> None:
        note = Note(fact, self._tee.clock() - self._began_ns, detail)
        self._track.note(note)
        for other in self._others:
            other.note(note)


@dataclass(eq=False, slots=True)
class Tee:
    """A running tee; made by :func:`open_tee`."""

    upstream: Upstream
    recorder: Records
    clock: Callable[[], int]
    utc_clock: Callable[[], int]
    tags: Mapping[str, str]
    audience: tuple[Audience, ...] = ()
    upstream_tls: ssl.SSLContext | None = None
    secure: bool = False  # clients come by TLS
    counters: Counters = field(default_factory=Counters)
    draining: bool = False  # no new client is accepted
    server: asyncio.Server | None = None
    host: str = ""
    port: int = 0
    _number: int = 0
    _connections: set[Connection] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """What a client connects to instead of the recogniser."""
        return self.upstream.url_at(self.host, self.port, self.secure)

    def accept(self) -> asyncio.Protocol:
        """The protocol of a new client."""
        self._number += 1
        return Connection(self, self._number).client

    def arrived(self, connection: Connection) -> None:
        """A client is here: dial the upstream for it."""
        self._connections.add(connection)
        task = asyncio.get_running_loop().create_task(self._dial(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _dial(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await loop.create_connection(
                    lambda: connection.server, self.upstream.host, self.upstream.port, ssl=self.upstream_tls
                )
        except (OSError, TimeoutError):  # of TLS too: a certificate that cannot be verified is an OSError
            self.counters.refused += 1
            self._connections.discard(connection)
            await self._refuse(connection)
            return
        if connection.client.gone and connection.server.transport is not None:
            connection.server.transport.abort()  # the client did not wait
            self._connections.discard(connection)
            return
        connection.join()

    async def _refuse(self, connection: Connection) -> None:
        transport = connection.client.transport
        if transport is not None and not transport.is_closing():
            await Refusal(transport, f"{self.upstream.host}:{self.upstream.port}").said()

    def ended(self, connection: Connection, dropped: bool) -> None:
        self._connections.discard(connection)
        self.counters.open -= 1
        self.counters.ended += 1
        self.counters.dropped += dropped
        if not self._connections:
            self._idle.set()

    async def shut(self, seconds: float) -> None:
        """Accept nobody, wait for running sessions to end by themselves, then break those that remain."""
        if self.draining:
            return
        self.draining = True
        if self.server is not None:
            self.server.close()
        if self._connections:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)
        for connection in list(self._connections):
            for leg in (connection.client, connection.server):
                if leg.transport is not None:
                    leg.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.sleep(0)  # lets the loop tell the legs that they are gone, so that each session gets its end


@contextlib.asynccontextmanager
async def open_tee(
    upstream: str,
    store: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    rules: Rules = NOTHING,
    tls: ssl.SSLContext | None = None,
    upstream_tls: ssl.SSLContext | None = None,
    audience: tuple[Audience, ...] = (),
    drain_seconds: float = 5.0,
    tags: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda line: None,
    apart: bool = False,
    queue_bytes: int = QUEUE_BYTES,
    new_file: Callable[[Path, Label, SessionKey | None], SessionWriter] = SessionWriter,
    clock: Callable[[], int] = time.monotonic_ns,
    utc_clock: Callable[[], int] = time.time_ns,
) -> AsyncIterator[Tee]:
    """Run a tee until the block ends; then stop accepting, drain, and close the store.

    Args:
        upstream: ``ws://host:port/path`` of the recogniser, or wss, http, https.
        store: folder for the captures; made when missing.
        host, port: where to listen; port 0 lets the system choose (see ``Tee.port``).
        rules: who consented to what; nothing is kept by default.
        tls: how clients speak to the tee; None takes plain TCP.
        upstream_tls: how to verify an upstream of wss or https; None trusts the system's authorities.
        audience: who else listens.
        drain_seconds: how long running sessions may go on after the block.
        tags: slices of every session captured here.
        report: told one line whenever a capture is lost.
        apart: record in a process of its own, which costs a start and shares nothing with the tee.

    Raises:
        CaptureError: the upstream's address, the listening address, a recipient or the store is unusable.
    """
    target = parse_upstream(upstream)
    _make_store(store)
    if apart:
        from mirror.capture.away import RecorderAway

        away = RecorderAway(store, rules, report, queue_bytes)
        await away.ready()
        recorder: Records = away
    else:
        recorder = Recorder(opener(store, rules, new_file), rules, report, clock, queue_bytes)
    try:
        outward = (upstream_tls or client_tls()) if target.secure else None
        tee = Tee(target, recorder, clock, utc_clock, tags or {}, audience, outward, tls is not None)
        try:
            server = await asyncio.get_running_loop().create_server(tee.accept, host, port, ssl=tls)
        except (OSError, OverflowError) as error:
            raise CaptureError(f"cannot listen on {host}:{port} ({error}); choose another --listen") from None
        tee.server = server
        tee.host, tee.port = server.sockets[0].getsockname()[:2]
        try:
            yield tee
        finally:
            await tee.shut(drain_seconds)
    finally:
        await recorder.shut()


def opener(
    store: Path, rules: Rules, new_file: Callable[[Path, Label, SessionKey | None], SessionWriter] = SessionWriter
) -> Callable[[Label], SessionWriter]:
    """Opens a session's file, sealed when the rules name recipients.

    Raises:
        CaptureError: a recipient is none.
    """
    if not rules.recipients:
        return lambda label: new_file(store, label, None)
    from mirror.privacy.keys import make_key, parse_recipients

    recipients = parse_recipients(rules.recipients)
    return lambda label: new_file(store, label, make_key(store, label.session, recipients))


def _make_store(store: Path) -> None:
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaptureError(f"store {store}: cannot be made ({error.strerror}); choose another --store") from None


def _name(utc_ns: int, number: int) -> str:
    """A session's name: sorts by time, and is unique among the connections of a tee and practically among tees."""
    second, rest = divmod(utc_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(second, UTC):%Y%m%dT%H%M%S}.{rest:09d}Z-{number:04d}"

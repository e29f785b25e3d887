"""The tee: a TCP server that joins each client to the recogniser and lets the recorder listen (asyncio shell)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from mirror.capture.leg import Leg
from mirror.capture.recorder import QUEUE_BYTES, Recorder, Track
from mirror.capture.refusal import Refusal
from mirror.errors import CaptureError
from mirror.store.format import Fact, Label, Note, Piece, Side
from mirror.store.writer import SessionWriter

CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the recogniser listens; its path is only told to clients, because bytes are never rewritten."""

    host: str
    port: int
    path: str


def parse_upstream(url: str) -> Upstream:
    """Take a ``ws://host:port/path`` apart.

    Raises:
        CaptureError: another scheme, or no host.
    """
    parts = urlsplit(url)
    if parts.scheme != "ws":
        what = "the tee copies plain TCP; give ws://HOST:PORT/PATH and let TLS end in front of it"
        raise CaptureError(f"upstream {url!r}: {what}")
    try:
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host, port = None, 0
    if not host:
        raise CaptureError(f"upstream {url!r}: no host or a bad port; give ws://HOST:PORT/PATH")
    return Upstream(host, port, parts.path)


@dataclass(slots=True)
class Counters:
    """What a tee has seen so far."""

    open: int = 0
    ended: int = 0
    incomplete: int = 0
    refused: int = 0  # clients turned away because the upstream was dead


class Connection:
    """One client joined to the upstream, and what the recorder hears of it."""

    def __init__(self, tee: Tee, number: int) -> None:
        self._tee = tee
        self._began_ns = tee.clock()
        utc_ns = tee.utc_clock()
        label = Label(_name(utc_ns, number), utc_ns, f"{tee.upstream.host}:{tee.upstream.port}", tee.tags)
        self.track: Track = tee.recorder.open(label)
        self._present: set[Side] = set()
        self.client = Leg(Side.CLIENT, self)
        self.server = Leg(Side.SERVER, self)

    def join(self) -> None:
        """Let bytes flow, now that both legs stand."""
        self._present = {Side.CLIENT, Side.SERVER}
        self.client.other, self.server.other = self.server, self.client
        self._tee.counters.open += 1
        self.client.begin()
        self.server.begin()

    def passed(self, side: Side, data: bytes) -> None:
        self.track.offer(Piece(side, self._tee.clock() - self._began_ns, data))

    def happened(self, side: Side, fact: Fact) -> None:
        self.track.note(Note(fact, self._tee.clock() - self._began_ns, {"side": str(side)}))

    def left(self, side: Side) -> None:
        if side not in self._present:
            return
        self._present.discard(side)
        if not self._present:
            self.track.note(Note(Fact.END, self._tee.clock() - self._began_ns, {"bytes": self.track.offered}))
            self._tee.ended(self)


@dataclass(eq=False, slots=True)
class Tee:
    """A running tee; made by :func:`open_tee`."""

    upstream: Upstream
    recorder: Recorder
    clock: Callable[[], int]
    utc_clock: Callable[[], int]
    tags: Mapping[str, str]
    counters: Counters = field(default_factory=Counters)
    host: str = ""
    port: int = 0
    _number: int = 0
    _connections: set[Connection] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """What a client connects to instead of the recogniser."""
        return f"ws://{self.host}:{self.port}{self.upstream.path}"

    def accept(self) -> asyncio.Protocol:
        """The protocol of a new client; its upstream is dialled as soon as it stands."""
        self._number += 1
        connection = Connection(self, self._number)
        self._connections.add(connection)
        task = asyncio.get_running_loop().create_task(self._dial(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection.client

    async def _dial(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await loop.create_connection(lambda: connection.server, self.upstream.host, self.upstream.port)
        except (OSError, TimeoutError):
            self.counters.refused += 1
            self._connections.discard(connection)
            await self._refuse(connection)
            return
        connection.join()

    async def _refuse(self, connection: Connection) -> None:
        transport = connection.client.transport
        if transport is not None and not transport.is_closing():
            await Refusal(transport, f"{self.upstream.host}:{self.upstream.port}").said()

    def ended(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self.counters.open -= 1
        self.counters.ended += 1
        self.counters.incomplete += connection.track.full
        if not self._connections:
            self._idle.set()

    async def drain(self, seconds: float) -> None:
        """Wait for running sessions to end by themselves, then break those that remain."""
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
    drain_seconds: float = 5.0,
    tags: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda line: None,
    queue_bytes: int = QUEUE_BYTES,
    new_file: Callable[[Path, Label], SessionWriter] = SessionWriter,
    clock: Callable[[], int] = time.monotonic_ns,
    utc_clock: Callable[[], int] = time.time_ns,
) -> AsyncIterator[Tee]:
    """Run a tee until the block ends; then stop accepting, drain, and close the store.

    Args:
        upstream: ``ws://host:port/path`` of the recogniser.
        store: folder for the captures; made when missing.
        host, port: where to listen; port 0 lets the system choose (see ``Tee.port``).
        drain_seconds: how long running sessions may go on after the block.
        tags: slices of every session captured here.
        report: told one line whenever a capture is lost.

    Raises:
        CaptureError: the upstream's address, the listening address or the store is unusable.
    """
    target = parse_upstream(upstream)
    _make_store(store)
    recorder = Recorder(lambda label: new_file(store, label), report, clock, queue_bytes)
    try:
        tee = Tee(target, recorder, clock, utc_clock, tags or {})
        try:
            server = await asyncio.get_running_loop().create_server(tee.accept, host, port)
        except (OSError, OverflowError) as error:
            raise CaptureError(f"cannot listen on {host}:{port} ({error}); choose another --listen") from None
        tee.host, tee.port = server.sockets[0].getsockname()[:2]
        try:
            yield tee
        finally:
            server.close()
            await tee.drain(drain_seconds)
    finally:
        await asyncio.to_thread(recorder.close)


def _make_store(store: Path) -> None:
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaptureError(f"store {store}: cannot be made ({error.strerror}); choose another --store") from None


def _name(utc_ns: int, number: int) -> str:
    """A session's name: sorts by time, and is unique among the connections of a tee and practically among tees."""
    second, rest = divmod(utc_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(second, UTC):%Y%m%dT%H%M%S}.{rest:09d}Z-{number:04d}"

"""The shell of one session: frames in, actions performed in order, frames out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic_ns

from websockets.exceptions import ConnectionClosed

from engine.limits import Limits, SessionClock
from engine.operations.watch import UNWATCHED, Watch
from engine.protocol import (
    AddAudio,
    AddChannelAudio,
    EndOfTranscript,
    Error,
    ErrorType,
    MessageError,
    encode,
    parse_client,
)
from engine.recognition import Place, Places
from engine.report import Report
from engine.session import Action, Close, Configure, Feed, Finish, Flush, Open, Send, Session
from engine.unreadable import ExplainedConnection

LIMITS = Limits()
MAX_UNREAD = 4_096  # messages that a client may leave unread before it is given up


class Connection:
    """One client.

    Args:
        socket: the open WebSocket.
        session: what to do.
        places: who recognises.
        start_timeout: seconds to wait for StartRecognition, since an idle connection holds memory.
        watch: is told what passes.
        limits: of the session's time.
        clock: nanoseconds of a monotonic clock.
    """

    def __init__(
        self,
        socket: ExplainedConnection,
        session: Session,
        places: Places,
        start_timeout: float,
        watch: Watch = UNWATCHED,
        limits: Limits = LIMITS,
        clock: Callable[[], int] = monotonic_ns,
    ) -> None:
        self._socket, self._session, self._places = socket, session, places
        self._watch = watch
        self._start_timeout = start_timeout
        self._clock, self._time = clock, SessionClock(limits, clock())
        self._slots: dict[str | None, Place] = {}
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._outbox: asyncio.Queue[Send | Close] = asyncio.Queue()

    async def run(self) -> None:
        """Serve the client until either side closes."""
        writer = asyncio.create_task(self._write())
        late = self._loop.call_later(self._start_timeout, self._give_up_waiting)
        limits = asyncio.create_task(self._watch_limits())
        try:
            async for frame in self._socket:  # after the end this discards, so that the close frame gets through
                await self._receive(frame)
        except ConnectionClosed:
            pass  # a client may vanish at any time
        finally:
            late.cancel()
            for task in (limits, writer):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            self._free_slots()
            self._slots.clear()  # or each stream would keep itself, through its listener, until a rare collection
            self._watch.over()

    def heard(self, report: Report, channel: str | None) -> None:
        """News of a stream, on the engine thread."""
        self._tell_loop(lambda: self._post(self._session.report(report, channel)))

    def has_room(self) -> None:
        """A queue takes audio again, on the engine thread."""
        self._tell_loop(self._room.set)

    def _tell_loop(self, call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody is left to tell
            self._loop.call_soon_threadsafe(call)

    async def _receive(self, frame: str | bytes) -> None:
        try:
            message = parse_client(frame)
            self._watch.received(message)
            if isinstance(message, AddAudio | AddChannelAudio):
                self._time.heard(self._clock())
            for action in self._session.receive(message):
                await self._perform(action)
                if isinstance(action, Feed) and self._session.over:  # the engine failed while this waited for room
                    return
        except MessageError as error:  # malformed, or no slot is free
            self._post(self._session.fail(error))

    async def _perform(self, action: Action) -> None:
        self._watch.performing(action)
        match action:
            case Open(config):
                for channel in config.channels or (None,):
                    self._slots[channel] = self._places.open(config, _Ear(self, channel))
                for slot in self._slots.values():
                    if config.vocabulary:
                        await asyncio.to_thread(slot.prepare)
                    slot.begin()
            case Feed(data, channel) if channel in self._slots:
                await self._wait_for_room(self._slots[channel])
                self._slots[channel].feed(data)
            case Configure(config):
                for slot in self._slots.values():
                    slot.configure(config)
            case Flush(until, channel) if channel in self._slots:
                self._slots[channel].flush(until)
            case Finish(channel) if channel in self._slots:
                self._slots[channel].finish()
            case _:
                self._post([action])

    async def _wait_for_room(self, slot: Place) -> None:
        """Not reading is the back-pressure: the acknowledgement waits, then TCP fills, then the client feels it."""
        while slot.full and not self._session.over:
            self._room.clear()
            if slot.full:
                await self._room.wait()

    def _post(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if isinstance(action, Send | Close):
                self._outbox.put_nowait(action)
        if self._session.over:
            self._room.set()
            self._free_slots()  # a client that reads slowly must not hold places while it is told
        if self._outbox.qsize() > MAX_UNREAD:
            self._socket.transport.abort()

    def _free_slots(self) -> None:
        for slot in self._slots.values():
            slot.close()

    async def _watch_limits(self) -> None:
        while not self._session.over:
            await asyncio.sleep(max(self._time.next() - self._clock(), 0) / 1e9)
            try:
                self._post([Send(warning) for warning in self._time.due(self._clock())])
            except MessageError as error:
                self._post(self._session.fail(error))

    async def _write(self) -> None:
        try:
            while True:
                match await self._outbox.get():
                    case Send(message):
                        self._socket.last_said = isinstance(message, EndOfTranscript | Error)
                        await self._socket.send(encode(message))
                        self._watch.sent(message)
                    case Close(code, reason):
                        await self._socket.close(code, reason)
                        return
        except ConnectionClosed:
            return  # the reader sees it too and ends the session

    def _give_up_waiting(self) -> None:
        if not self._slots:
            reason = f"no StartRecognition within {self._start_timeout:g} s"
            self._post(self._session.fail(MessageError(ErrorType.IDLE_TIMEOUT, reason)))


@dataclass(frozen=True, slots=True)
class _Ear:
    """Hears one stream for a connection."""

    connection: Connection
    channel: str | None

    def heard(self, report: Report) -> None:
        """News of the stream, on the engine thread."""
        self.connection.heard(report, self.channel)

    def has_room(self) -> None:
        """The stream's queue takes audio again, on the engine thread."""
        self.connection.has_room()

"""The shell of one session: frames in, actions performed in order, frames out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from engine.operations.watch import UNWATCHED, Watch
from engine.protocol import ErrorType, MessageError, encode, parse_client
from engine.report import Report
from engine.scheduler import Scheduler, Slot
from engine.session import Action, Close, Configure, Feed, Finish, Flush, Open, Send, Session

MAX_UNREAD = 4_096  # messages that a client may leave unread before it is given up


class Connection:
    """One client.

    Args:
        socket: the open WebSocket.
        session: what to do.
        scheduler: who recognises.
        start_timeout: seconds to wait for StartRecognition, since an idle connection holds memory.
        watch: is told what passes.
    """

    def __init__(
        self,
        socket: ServerConnection,
        session: Session,
        scheduler: Scheduler,
        start_timeout: float,
        watch: Watch = UNWATCHED,
    ) -> None:
        self._socket, self._session, self._scheduler = socket, session, scheduler
        self._watch = watch
        self._start_timeout = start_timeout
        self._slot: Slot | None = None
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._outbox: asyncio.Queue[Send | Close] = asyncio.Queue()

    async def run(self) -> None:
        """Serve the client until either side closes."""
        writer = asyncio.create_task(self._write())
        late = self._loop.call_later(self._start_timeout, self._give_up_waiting)
        try:
            async for frame in self._socket:  # after the end this discards, so that the close frame gets through
                await self._receive(frame)
        except ConnectionClosed:
            pass  # a client may vanish at any time
        finally:
            late.cancel()
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            if self._slot is not None:
                self._slot.close()
            self._watch.over()

    def heard(self, report: Report) -> None:
        """News of the stream, on the engine thread."""
        self._tell_loop(lambda: self._post(self._session.report(report)))

    def has_room(self) -> None:
        """The queue takes audio again, on the engine thread."""
        self._tell_loop(self._room.set)

    def _tell_loop(self, call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody is left to tell
            self._loop.call_soon_threadsafe(call)

    async def _receive(self, frame: str | bytes) -> None:
        try:
            message = parse_client(frame)
            self._watch.received(message)
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
                if config.vocabulary:
                    await asyncio.to_thread(self._scheduler.prepare, config)
                self._slot = self._scheduler.open(config, self)
            case Feed(data) if self._slot is not None:
                await self._wait_for_room(self._slot)
                self._slot.feed(data)
            case Configure(config) if self._slot is not None:
                self._slot.configure(config)
            case Flush(until) if self._slot is not None:
                self._slot.flush(until)
            case Finish() if self._slot is not None:
                self._slot.finish()
            case _:
                self._post([action])

    async def _wait_for_room(self, slot: Slot) -> None:
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
        if self._outbox.qsize() > MAX_UNREAD:
            self._socket.transport.abort()

    async def _write(self) -> None:
        try:
            while True:
                match await self._outbox.get():
                    case Send(message):
                        await self._socket.send(encode(message))
                        self._watch.sent(message)
                    case Close(code, reason):
                        await self._socket.close(code, reason)
                        return
        except ConnectionClosed:
            return  # the reader sees it too and ends the session

    def _give_up_waiting(self) -> None:
        if self._slot is None:
            reason = f"no StartRecognition within {self._start_timeout:g} s"
            self._post(self._session.fail(MessageError(ErrorType.IDLE_TIMEOUT, reason)))

"""One session on one connection, driven by the loop's callbacks: a timer speaks, the connection listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from mirror.codecs import Frame, Target
from mirror.replay.connection import CLOSE_SECONDS, Connection, connect
from mirror.replay.session import ReplaySession


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a recogniser may take, in seconds."""

    open: float = 10.0  # to accept the connection
    start: float = 30.0  # to say that it is ready; a large session dictionary may take 15 s
    stall: float = 30.0  # to take one packet from us
    end: float = 60.0  # to finish its transcript after the end of the stream


class Driver:
    """Plays a session; a ``connection.Listener``."""

    def __init__(self, session: ReplaySession, limits: Limits, clock: Callable[[], int]) -> None:
        self._session, self._limits, self._clock = session, limits, clock
        self._loop = asyncio.get_running_loop()
        self._greeting: asyncio.Future[Connection] = self._loop.create_future()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._connection: Connection | None = None
        self._timer: asyncio.TimerHandle | None = None  # of the next frame
        self._limit: asyncio.TimerHandle | None = None  # of what the recogniser owes us
        self._held_ns: int | None = None  # since when the recogniser takes nothing
        self._released_ns = 0  # when it took something again

    async def run(self, target: Target) -> None:
        """Play the whole session.

        Raises:
            OSError, TimeoutError, and what ``websockets`` raises for a handshake: there is no connection.
        """
        connection: Connection | None = None
        try:
            async with asyncio.timeout(self._limits.open):
                connection = await connect(target.url, target.headers, self)
                await self._greeting
            await self._done
        finally:
            self._cancel()
            if connection is not None:
                await _leave(connection)

    def opened(self, connection: Connection) -> None:
        self._connection = connection
        for frame in self._session.opened(self._clock()):
            connection.send(frame)
        if not self._greeting.done():
            self._greeting.set_result(connection)
        self._expect(self._limits.start, f"not ready for audio within {self._limits.start:g} s of the connection")
        self._go_on()

    def heard(self, frame: Frame) -> None:
        if not self._session.over:
            self._session.heard(frame, self._clock())
        if self._session.over or self._timer is None:
            self._go_on()

    def held(self, held: bool) -> None:
        now_ns = self._clock()
        if held:
            self._held_ns = now_ns
            self._expect(self._limits.stall, f"the recogniser took no audio for {self._limits.stall:g} s")
            return
        self._held_ns, self._released_ns = None, now_ns
        self._owed()
        self._go_on()

    def closed(self, code: int | None, reason: str) -> None:
        if not self._session.over:
            self._session.closed(self._clock(), code, reason)
        self._finish()

    def refused(self, error: Exception) -> None:
        if not self._greeting.done():
            self._greeting.set_exception(error)

    def _woken(self) -> None:
        self._timer = None
        self._go_on()

    def _go_on(self) -> None:
        """Send what is due, and come back when the next frame is."""
        session, connection = self._session, self._connection
        if session.over:
            self._finish()
            return
        if connection is None or not session.started:
            return
        if self._limit is not None and not session.all_sent and self._held_ns is None:
            self._owed()
        while self._held_ns is None and (due_ns := session.due_ns) is not None:
            now_ns = self._clock()
            if now_ns < due_ns:
                # Woken early (a loop's clock is coarse) there is nothing to send, and the rest is slept.
                if self._timer is None:
                    self._timer = self._loop.call_later((due_ns - now_ns) / 1e9, self._woken)
                return
            for frame in session.step(now_ns, max(0, min(self._released_ns, now_ns) - due_ns)):
                connection.send(frame)
            if session.all_sent:
                self._owed()

    def _owed(self) -> None:
        """While audio flows the recogniser owes nothing; after it, the end of its transcript."""
        if self._session.all_sent:
            end = self._limits.end
            self._expect(end, f"no end of transcript within {end:g} s of the end of the audio")
        elif self._session.started:
            self._expect(None, "")

    def _expect(self, seconds: float | None, otherwise: str) -> None:
        """Fail the session unless something else is expected, or nothing, within so many seconds."""
        if self._limit is not None:
            self._limit.cancel()
        self._limit = None if seconds is None else self._loop.call_later(seconds, self._give_up, otherwise)

    def _give_up(self, why: str) -> None:
        self._session.fail(why)
        if self._connection is not None:
            self._connection.abort()
        self._finish()

    def _finish(self) -> None:
        self._cancel()
        if not self._done.done():
            self._done.set_result(None)

    def _cancel(self) -> None:
        for handle in (self._timer, self._limit):
            if handle is not None:
                handle.cancel()
        self._timer = self._limit = None


async def _leave(connection: Connection) -> None:
    connection.close()
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await connection.lost
    except TimeoutError:
        connection.abort()

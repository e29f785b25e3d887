"""The socket side of replay: one WebSocket connection that drives a ReplaySession (asyncio shell)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from mirror.codecs import Codec
from mirror.codecs.speechmatics import SpeechmaticsCodec
from mirror.errors import ReplayError
from mirror.replay.session import ReplaySession
from testsets.case import Case
from testsets.events import EventLog


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a recogniser may take, in seconds."""

    open: float = 10.0  # to accept the connection
    start: float = 30.0  # to say that it is ready; a large session dictionary may take 15 s
    stall: float = 30.0  # to take one packet from us
    end: float = 60.0  # to finish its transcript after the end of the stream


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a recogniser listens and how to reach it."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)  # for example Authorization; never recorded
    limits: Limits = Limits()

    def connect(self) -> connect:
        """A connection to be; no compression, since audio does not shrink and frames must leave at once."""
        return connect(
            self.url,
            additional_headers=dict(self.headers),
            compression=None,
            max_size=None,
            proxy=None,
            open_timeout=self.limits.open,
            close_timeout=2.0,
        )


async def probe(url: str, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> None:
    """Make first contact with an endpoint and leave again.

    Raises:
        ReplayError: nothing listens there, it refuses, or the URL is malformed.
    """
    try:
        async with Endpoint(url, headers or {}, limits or Limits()).connect():
            return
    except _CONNECT_ERRORS as error:
        raise ReplayError(url, f"{_why(error)}; start the recogniser there or correct the address") from None


async def replay(
    case: Case,
    audio: NDArray[np.float32],
    url: str,
    *,
    recogniser: str | None = None,
    headers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    codec: Codec | None = None,
    clock: Callable[[], int] = time.monotonic_ns,
) -> EventLog:
    """Play one case to a recogniser in its own time.

    Args:
        case: what to play; its pacing says when each packet leaves.
        audio: its samples in [-1, 1], shape (n,), at the case's rate.
        url: ``ws://host:port/path`` of the recogniser.
        recogniser: digest of who answers; the URL when not given.
        headers: sent with the handshake, for example Authorization.
        codec: the wire; Speechmatics real-time v2 when not given.
        clock: monotonic nanoseconds.

    Returns:
        The event log. A session that did not complete has ``failure`` set; it never raises for what a recogniser does.

    Raises:
        ValueError: the audio does not fit the case.
    """
    session = ReplaySession(case, audio, codec or SpeechmaticsCodec(case.audio.rate))
    endpoint = Endpoint(url, headers or {}, limits or Limits())
    try:
        async with endpoint.connect() as connection:
            await _Driver(session, connection, endpoint.limits, clock).run()
    except _CONNECT_ERRORS as error:
        session.fail(f"no connection to {url}: {_why(error)}")
    return session.log(recogniser or url)


class _Driver:
    """Two tasks on one connection: one speaks on schedule, one listens."""

    def __init__(
        self, session: ReplaySession, connection: ClientConnection, limits: Limits, clock: Callable[[], int]
    ) -> None:
        self._session, self._connection, self._limits, self._clock = session, connection, limits, clock
        self._ready = asyncio.Event()  # the gate is open, or the session is over

    async def run(self) -> None:
        listener = asyncio.ensure_future(self._listen())
        speaker = asyncio.ensure_future(self._speak())
        try:
            await asyncio.wait((listener, speaker), return_when=asyncio.FIRST_COMPLETED)
            if speaker.done() and not listener.done():
                await asyncio.wait((listener,), timeout=self._limits.end)
                if not listener.done():
                    self._session.fail(f"no end of transcript within {self._limits.end:g} s of the end of the audio")
        finally:
            for task in (listener, speaker):
                task.cancel()
            results = await asyncio.gather(listener, speaker, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _listen(self) -> None:
        try:
            while not self._session.over:
                frame = await self._connection.recv()
                self._session.heard(frame, self._clock())
                if self._session.started:
                    self._ready.set()
        except ConnectionClosed as closed:
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (None, "no close frame")
            self._session.closed(self._clock(), code, reason)

    async def _speak(self) -> None:
        try:
            for frame in self._session.opened(self._clock()):
                await self._connection.send(frame)
            if not await _within(self._ready, self._limits.start):
                self._session.fail(f"not ready for audio within {self._limits.start:g} s of the connection")
                self._connection.transport.abort()  # ends the listener too
                return
            while (due_ns := self._session.due_ns) is not None:
                # Woken early (a clock is coarse), step gives nothing and the rest is slept.
                await asyncio.sleep(max(0, due_ns - self._clock()) / 1e9)
                for frame in self._session.step(self._clock()):
                    async with asyncio.timeout(self._limits.stall):
                        await self._connection.send(frame)
        except TimeoutError:
            self._session.fail(f"the recogniser took no audio for {self._limits.stall:g} s")
            self._connection.transport.abort()
        except ConnectionClosed:
            await self._connection.wait_closed()  # the listener says why


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


_CONNECT_ERRORS = (OSError, TimeoutError, InvalidHandshake, InvalidURI, EOFError)


def _why(error: BaseException) -> str:
    match error:
        case InvalidStatus():
            return f"it answers HTTP {error.response.status_code} instead of opening a WebSocket"
        case InvalidURI():
            return "this is no ws:// or wss:// address"
        case ConnectionRefusedError():
            return "nothing listens there"
        case TimeoutError():
            return "it does not answer in time"
        case InvalidHandshake() | EOFError():
            return f"it does not speak WebSocket ({error})"
        case _:
            return str(error) or type(error).__name__

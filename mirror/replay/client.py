"""One case played to one address (asyncio shell): the address names the wire, and the wire how it is played."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from mirror.codecs import Codec, Frame
from mirror.codecs.wires import Wire, wire_of
from mirror.errors import ReplayError
from mirror.replay.connection import Connection, connect
from mirror.replay.driver import Driver, Limits
from mirror.replay.files import recognise_file
from mirror.replay.script import Script, prepare
from mirror.replay.session import ReplaySession
from testsets.case import Case
from testsets.events import EventLog


async def probe(address: str, token: str | None = None, limits: Limits | None = None) -> None:
    """Make first contact with an address and leave again.

    Raises:
        ReplayError: nothing listens there, it refuses, its wire is unknown, or the URL is malformed.
    """
    wire = wire_of(address)
    try:
        async with asyncio.timeout((limits or Limits()).open):
            await _touch(wire, token)
    except CONNECT_ERRORS as error:
        raise ReplayError(address, f"{why(error)}; start the recogniser there or correct the address") from None


async def replay(
    case: Case,
    audio: NDArray[np.float32],
    address: str,
    *,
    recogniser: str | None = None,
    token: str | None = None,
    limits: Limits | None = None,
    window: int | None = None,
    clock: Callable[[], int] = time.monotonic_ns,
) -> EventLog:
    """Play one case to a recogniser, in its own time unless told otherwise.

    Args:
        case: what to play; its pacing says when each packet leaves.
        audio: its samples in [-1, 1], shape (n,), at the case's rate.
        address: ``[NAME+]ws://host:port/path`` of the recogniser, or ``[NAME+]http://...`` of one that takes files.
        recogniser: digest of who answers; the address when not given.
        token: the key the recogniser wants; recorded nowhere.
        window: packets that may be unconfirmed, to play as fast as confirmations allow; None plays in real time.
        clock: monotonic nanoseconds.

    Returns:
        The event log. A session that did not complete has ``failure`` set; it never raises for what a recogniser does.

    Raises:
        ReplayError: the address names no known wire.
        ValueError: the audio does not fit the case.
    """
    wire, who, patience = wire_of(address), recogniser or address, limits or Limits()
    if wire.codec is None:
        assert wire.exchange is not None  # a wire has one of the two
        exchange = wire.exchange(case.audio.rate)
        return await recognise_file(
            case, audio, wire.url, exchange, recogniser=who, token=token, limits=patience, clock=clock
        )
    codec = wire.codec(case.audio.rate)
    script = await asyncio.to_thread(prepare, case, audio, codec)  # other sessions have packets due meanwhile
    return await play(script, wire.url, codec, who, token=token, limits=patience, window=window, clock=clock)


async def play(
    script: Script,
    url: str,
    codec: Codec,
    recogniser: str,
    *,
    token: str | None = None,
    limits: Limits | None = None,
    window: int | None = None,
    clock: Callable[[], int] = time.monotonic_ns,
) -> EventLog:
    """Play a script that is ready; the codec must be new. Arguments and result are those of ``replay``."""
    session = ReplaySession(script, codec, window)
    driver = Driver(session, limits or Limits(), clock)
    try:
        await driver.run(codec.target(url, script.case, token))
    except CONNECT_ERRORS as error:
        session.fail(f"no connection to {url}: {why(error)}")
    return session.log(recogniser)


class _Caller:
    """Listens only for whether the handshake succeeds."""

    def __init__(self) -> None:
        self.greeting: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def opened(self, connection: Connection) -> None:
        self.greeting.set_result(None)

    def heard(self, frame: Frame) -> None:
        pass

    def held(self, held: bool) -> None:
        pass

    def closed(self, code: int | None, reason: str) -> None:
        pass

    def refused(self, error: Exception) -> None:
        if not self.greeting.done():
            self.greeting.set_exception(error)


async def _touch(wire: Wire, token: str | None) -> None:
    if wire.codec is None:
        parts = urlsplit(wire.url)
        if parts.hostname is None:
            raise InvalidURI(wire.url, "it names no host")
        _, writer = await asyncio.open_connection(parts.hostname, parts.port or _PORTS[parts.scheme])
        writer.close()
        await writer.wait_closed()
        return
    target = wire.codec(16_000).target(wire.url, None, token)
    caller = _Caller()
    connection = await connect(target.url, target.headers, caller)
    try:
        await caller.greeting
        connection.close()
        await connection.lost
    finally:
        connection.abort()


_PORTS = {"http": 80, "https": 443}
CONNECT_ERRORS = (OSError, TimeoutError, InvalidHandshake, InvalidURI, EOFError)


def why(error: BaseException) -> str:
    """One line for an error of connecting."""
    match error:
        case InvalidStatus():
            return f"it answers HTTP {error.response.status_code} instead of opening a WebSocket"
        case InvalidURI():
            return "this is no ws:// or wss:// address"
        case ConnectionRefusedError():
            return "nothing listens there"
        case TimeoutError():
            return "it does not answer in time"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message}); SSL_CERT_FILE may name its authority"
        case InvalidHandshake() | EOFError():
            return f"it does not speak WebSocket ({error})"
        case _:
            return str(error) or type(error).__name__

"""The two TCP legs of a connection: what one receives leaves on the other before anything else happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable
from typing import Protocol, cast

from mirror.store.format import Fact, Side


class Watcher(Protocol):
    """Told of everything that passed, after it passed."""

    def arrived(self, side: Side) -> None: ...

    def passed(self, side: Side, data: bytes, read_ns: int) -> None: ...

    def happened(self, side: Side, fact: Fact) -> None: ...

    def left(self, side: Side) -> None: ...


class Leg(asyncio.Protocol):
    """One side of a connection, forwarding to its ``other`` leg with back-pressure, half-close and reset.

    Args:
        side: who is at the other end.
        watcher: told what passed.
        clock: monotonic nanoseconds.
    """

    def __init__(self, side: Side, watcher: Watcher, clock: Callable[[], int]) -> None:
        self.side, self._watcher, self._clock = side, watcher, clock
        self.other: Leg | None = None  # set before reading begins
        self.transport: asyncio.Transport | None = None
        self._heard_end = False
        self._early = b""  # came before the other leg stood
        self.gone = False
        self._secure = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._secure = self.transport.get_extra_info("ssl_object") is not None
        _notice_death(self.transport.get_extra_info("socket"))
        self.transport.pause_reading()  # until both legs stand
        self._watcher.arrived(self.side)

    def begin(self) -> None:
        """Read, now that the other leg is there to write to."""
        early, self._early = self._early, b""
        if early:
            self._forward(early)
        if self._heard_end and self.other is not None:
            self.other.end()
        self.resume()

    def data_received(self, data: bytes) -> None:
        if self.other is None:  # not every loop pauses a transport before its first bytes
            self._early += data
        else:
            self._forward(data)

    def _forward(self, data: bytes) -> None:
        read_ns = self._clock()
        if self.other is not None and self.other.transport is not None and not self.other.transport.is_closing():
            self.other.transport.write(data)
        self._watcher.passed(self.side, data, read_ns)

    def eof_received(self) -> bool:
        if not self._heard_end:
            self._heard_end = True
            self._watcher.happened(self.side, Fact.HALF_CLOSED)
            if self.other is not None:
                self.other.end()
        return not self._secure  # the other direction may go on; TLS knows no half-close

    def pause_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.resume()

    def resume(self) -> None:
        if self.transport is not None and not self._heard_end and not self.gone:
            self.transport.resume_reading()

    def end(self) -> None:
        """No more bytes will come for this leg; when it too has ended, close it."""
        if self.transport is None or self.gone:
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()  # a recogniser must not wait for a client that has left
        if self._heard_end:
            self._close_both()

    def _close_both(self) -> None:
        for leg in (self, self.other):
            if leg is not None and leg.transport is not None:
                leg.transport.close()

    def reset(self) -> None:
        """Break this leg the way the other one was broken."""
        if self.transport is None or self.gone:
            return
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            # Linger of zero seconds makes the close a reset, which the peer then sees as it would have without us.
            with _options_of(sock) as options:
                options.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self.gone = True
        if self.other is not None:
            if error is not None:
                self._watcher.happened(self.side, Fact.RESET)
                self.other.reset()
            elif self.other.transport is not None and not self.other.gone:
                self.other.transport.close()
        self._watcher.left(self.side)


def _notice_death(sock: socket.socket) -> None:
    """Let the kernel find out, within minutes, that a silent peer is gone for good."""
    with (
        contextlib.suppress(OSError, AttributeError),
        _options_of(sock) as options,
    ):  # not every system has every option
        options.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        options.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        options.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
        options.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


def _options_of(sock: socket.socket) -> socket.socket:
    """The same socket, by a handle of our own: what a transport shows of it does not take options on every loop."""
    return socket.socket(fileno=os.dup(sock.fileno()))

"""Where the streams of a service are recognised, as its connections and desk see it: in this process or in others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from engine.report import Report
from engine.session_config import SessionConfig


class Listener(Protocol):
    """Whoever owns a place; called on a thread that is not its own, so it must only pass the word on."""

    def heard(self, report: Report) -> None:
        """News of the stream."""

    def has_room(self) -> None:
        """The queue that was full takes audio again."""


class Place(Protocol):
    """One stream's place; its methods belong to the session's thread and, but for ``prepare``, never block."""

    @property
    def full(self) -> bool:
        """The queue holds all the audio it may; wait for ``Listener.has_room``."""

    def prepare(self) -> None:
        """Do the slow part of beginning, off the event loop's thread.

        Raises:
            MessageError: quota_exceeded, when what the session brings finds no room.
        """

    def begin(self) -> None:
        """Have the stream begun."""

    def feed(self, data: bytes) -> None:
        """Queue audio."""

    def configure(self, config: SessionConfig) -> None:
        """Change delays and partials after the audio that is queued."""

    def flush(self, until: int | None) -> None:
        """Make words up to a sample (None: all that is queued) final soon."""

    def finish(self) -> None:
        """No more audio comes; the report that ends the stream will follow."""

    def close(self) -> None:
        """Give the place back; nothing more is heard."""


class Places(Protocol):
    """Whoever gives out places."""

    def open(self, config: SessionConfig, listener: Listener) -> Place:
        """Take a place.

        Raises:
            MessageError: quota_exceeded, when all places are taken.
        """


class Recognition(Places, Protocol):
    """All of it."""

    @property
    def digest(self) -> str:
        """Names what recognises."""

    @property
    def models(self) -> Mapping[str, str]:
        """The operating points that sessions may choose, the default first, and the digest of each."""

    @property
    def places(self) -> int:
        """Places that there are now."""

    @property
    def sessions(self) -> int:
        """Places taken."""

    @property
    def waiting(self) -> int:
        """Streams in line for a step."""

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of work for a second of audio in the last minute; None without audio."""

    @property
    def busy_for(self) -> int:
        """Nanoseconds since the oldest running step began; 0 between steps."""

    def start(self) -> None:
        """Begin to recognise."""

    def stop(self) -> None:
        """Stop after the current step and wait for it."""

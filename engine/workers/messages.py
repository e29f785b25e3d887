"""What passes between the service and a worker: lists of (place, message), pickled, on a pipe of their own.

Places are numbers that the service gives and never uses twice. A worker that is sent ``None`` ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.protocol import MessageError
from engine.session_config import SessionConfig

NOWHERE = 0  # the place of what is about no stream


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has loaded its engine."""

    digest: str
    models: Mapping[str, str]
    places: int  # that its core can carry


@dataclass(frozen=True, slots=True)
class Prepare:
    """Build what a session brings."""

    config: SessionConfig


@dataclass(frozen=True, slots=True)
class Prepared:
    """It is built, or found no room."""

    error: MessageError | None


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin the stream of a place."""

    config: SessionConfig


@dataclass(frozen=True, slots=True)
class Flush:
    """Make words up to a sample (None: all that is queued) final soon."""

    until: int | None


@dataclass(frozen=True, slots=True)
class Finish:
    """No more audio comes."""


@dataclass(frozen=True, slots=True)
class Close:
    """Forget the place."""


@dataclass(frozen=True, slots=True)
class Took:
    """So many queued bytes were taken in."""

    size: int


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step was done; streams is 0 when a stream was ended.

    Attributes:
        took: nanoseconds.
        worked: nanoseconds of the engine thread's processor time since the step before.
        samples: of all its streams.
        waiting: streams left in line.
    """

    took: int
    worked: int
    streams: int
    samples: int
    waiting: int

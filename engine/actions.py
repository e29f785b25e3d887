"""What a session asks of its shell, to be done strictly in order."""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol import ServerMessage
from engine.session_config import SessionConfig


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message to the client."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Open:
    """Take a slot of the engine for each stream; the shell answers a full engine with ``Session.fail``."""

    config: SessionConfig


@dataclass(frozen=True, slots=True)
class Feed:
    """Hand audio to the engine, waiting while its queue for this session is full."""

    data: bytes
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Configure:
    """Change the running streams."""

    config: SessionConfig


@dataclass(frozen=True, slots=True)
class Flush:
    """Make everything up to a sample (None: all that was fed) final as soon as it is decoded."""

    until: int | None  # samples at 16 kHz
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """Tell the engine that no more audio comes."""

    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection and free the slot."""

    code: int
    reason: str


Action = Send | Open | Feed | Configure | Flush | Finish | Close

"""The stored form of a session: what a capture file holds, and its version.

A file is MCAP. Its first record after the header is a Metadata record named ``understudy-capture`` (the label). The
channels ``client`` and ``server`` hold the bytes of each side as they left the tee, credentials redacted; ``meta``
holds notes as JSON. Every message is its own chunk with its own CRC, so a file cut anywhere loses at most one piece.
Times are the label's UTC anchor plus nanoseconds of a monotonic clock.

Source: https://mcap.dev/spec
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FORMAT = "understudy-capture"
FORMAT_VERSION = 1
SEALED_VERSION = 2  # as version 1, the data of ``client`` and ``server`` sealed by the session's key (``privacy.keys``)
SUFFIX = ".mcap"
META = "meta"


class Side(StrEnum):
    """Who sent something; the value is also the channel's topic."""

    CLIENT = "client"
    SERVER = "server"


class Fact(StrEnum):
    """What a note tells."""

    HTTP_ONLY = "http_only"  # no WebSocket came of it: only the heads were kept
    INCOMPLETE = "incomplete"  # capture was dropped; detail says why
    HALF_CLOSED = "half_closed"  # one side sent its last byte
    RESET = "reset"  # one side broke the connection
    END = "end"  # the session is over and everything said about it is above


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of a session when it begins."""

    session: str  # unique in the store, also the file's name
    began_utc_ns: int  # anchor of the file's clock, nanoseconds since the epoch
    upstream: str  # host:port of the recogniser that answered
    tags: Mapping[str, str] = field(default_factory=dict)  # slices of every case made from it


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of one side, in the order and at the time in which they left the tee."""

    side: Side
    at_ns: int  # since the session began, monotonic
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A fact about the session that is not in its bytes."""

    fact: Fact
    at_ns: int  # since the session began, monotonic
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON-like

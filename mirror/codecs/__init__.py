"""Codecs: what differs between the wires of recognisers, and nothing else. Sans-I/O, one a session.

``wires`` finds the codec for an address; ``exchange`` is the seam of recognisers that take a whole file over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from testsets.case import Case
from testsets.encoding import Encoding
from testsets.events import Event, Kind

Frame = str | bytes  # one WebSocket message: text or binary

VIOLATION = "violation"  # key in the detail of an event: the recogniser broke its own wire, and how


class What(StrEnum):
    """What a captured client said."""

    START = "start"
    AUDIO = "audio"
    END = "end"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a captured client, understood."""

    what: What
    audio: bytes = b""  # AUDIO: as sent
    config: Mapping[str, Any] = field(default_factory=dict)  # START: the session config as a case holds it
    detail: Mapping[str, Any] = field(default_factory=dict)  # OTHER: which message


@dataclass(frozen=True, slots=True)
class Traits:
    """How a wire behaves."""

    greets: bool = True  # the recogniser says when it is ready; on other wires an open connection is ready
    acks: bool = False  # it confirms packets
    wire_rate: int | None = None  # the one sample rate that travels; None: whatever the case has
    keep_alive: Frame | None = None  # what to send while there is no audio
    keep_alive_ns: int = 0  # after so long


@dataclass(frozen=True, slots=True)
class Target:
    """Where one session connects."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Codec(Protocol):
    """One session on one wire. A codec that hears may hold what it heard; it never does I/O."""

    @property
    def traits(self) -> Traits:
        """How this wire behaves."""
        ...

    def target(self, url: str, case: Case | None, token: str | None) -> Target:
        """Where to connect for a case, or for first contact; some wires put the config into the URL."""
        ...

    def begin(self, case: Case) -> tuple[Frame, ...]:
        """What opens a session for this case."""
        ...

    def plain(self, case: Case) -> Encoding | None:
        """The encoding whose bytes are the frames of audio as they stand; None where a frame holds more than those."""
        ...

    def audio(self, case: Case, samples: NDArray[np.float32]) -> Frame:
        """One packet of audio, samples in [-1, 1], shape (n,), at the wire's rate."""
        ...

    def end(self, packets: int) -> tuple[Frame, ...]:
        """What tells the recogniser that no more audio comes, after so many packets."""
        ...

    def heard(self, frame: Frame, at_ns: int) -> tuple[Event, ...]:
        """What the recogniser said. An ACK carries the number of packets it confirms as ``detail["packets"]``."""
        ...

    def said(self, frame: Frame) -> Said:
        """What a captured client said."""
        ...


def confirmed(events: Iterable[Event], counts: Sequence[int]) -> Iterator[Event]:
    """Each ACK with the samples that its number of packets stands for in place of it; any other event as it is.

    Args:
        events: what a codec heard.
        counts: cumulative samples after each packet sent.
    """
    for event in events:
        packets = event.detail.get("packets") if event.kind is Kind.ACK else None
        if isinstance(packets, int) and 1 <= packets <= len(counts):
            yield Event(Kind.ACK, event.wall_ns, samples=counts[packets - 1])
        else:
            yield event

"""Codecs: what differs between the wires of recognisers, and nothing else. Sans-I/O, stateless, one for a rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from testsets.case import Case
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


class Codec(Protocol):
    """One wire, at one sample rate."""

    def begin(self, case: Case) -> tuple[Frame, ...]:
        """What opens a session for this case."""
        ...

    def audio(self, case: Case, samples: NDArray[np.float32]) -> Frame:
        """One packet of audio, samples in [-1, 1], shape (n,)."""
        ...

    def end(self, packets: int) -> tuple[Frame, ...]:
        """What tells the recogniser that no more audio comes, after so many packets."""
        ...

    def heard(self, frame: Frame, at_ns: int) -> Event:
        """What the recogniser said. An ACK carries the number of packets it confirms as ``detail["packets"]``."""
        ...

    def said(self, frame: Frame) -> Said:
        """What a captured client said."""
        ...


def confirmed(event: Event, counts: Sequence[int]) -> Event:
    """An ACK with the samples that its number of packets stands for; any other event as it is.

    Args:
        event: what a codec heard.
        counts: cumulative samples after each packet sent.
    """
    packets = event.detail.get("packets") if event.kind is Kind.ACK else None
    if not isinstance(packets, int) or not 1 <= packets <= len(counts):
        return event
    return replace(event, samples=counts[packets - 1])

"""The event log: everything sent to and received from a recogniser for one case, each with its time.

It is the only input of every measure. Wall times are integer nanoseconds of one monotonic clock; audio times are
integer samples at the log's rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from testsets.case import EMPTY
from testsets.transcript import Transcript, Word


class Kind(StrEnum):
    """What happened."""

    OPENED = "opened"  # transport is up
    STARTED = "started"  # the recogniser said it is ready; no audio may leave before
    AUDIO = "audio"  # one audio packet left; samples = cumulative samples sent after it
    SENT_END = "sent_end"  # end of stream was sent
    ACK = "ack"  # the recogniser confirmed audio
    PARTIAL = "partial"  # words so far, may be revised
    FINAL = "final"  # words that will not be revised
    UTTERANCE_END = "utterance_end"
    ENDED = "ended"  # the recogniser said the transcript is complete
    WARNING = "warning"
    ERROR = "error"  # from the recogniser, with its code in detail
    CLOSED = "closed"  # transport is down
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """One event."""

    kind: Kind
    wall_ns: int  # when it really happened
    due_ns: int | None = None  # when it was meant to happen (sent audio only)
    samples: int | None = None  # AUDIO: cumulative samples sent; ACK: cumulative samples confirmed
    words: tuple[Word, ...] = ()  # PARTIAL and FINAL; times in samples at the log's rate
    detail: Mapping[str, Any] = field(default_factory=lambda: EMPTY)  # JSON-like: code, reason, close code, ...


@dataclass(frozen=True, slots=True)
class EventLog:
    """What one recogniser did with one case."""

    case_id: str
    recogniser: str  # digest of the recogniser that answered
    rate: int
    events: tuple[Event, ...]
    failure: str | None = None  # one line when the session did not complete; None when it did

    @property
    def transcript(self) -> Transcript:
        """All finals in order of arrival."""
        words = (word for event in self.events if event.kind is Kind.FINAL for word in event.words)
        return Transcript(tuple(words), self.rate)

"""One replayed session without I/O: what to send and when, what was heard, and the event log of both.

The shell tells what happened and when (``opened``, ``heard``, ``closed``) and asks what is due (``due_ns``, ``step``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.codecs import VIOLATION, Codec, Frame, confirmed
from mirror.replay.schedule import schedule
from testsets.case import Case
from testsets.events import Event, EventLog, Kind


class ReplaySession:
    """The state of one session; no audio leaves before the recogniser said that it is ready.

    Args:
        case: what to play.
        samples: its audio in [-1, 1], shape (n,), at ``case.audio.rate``.
        codec: the wire, at that rate.

    Raises:
        ValueError: the audio and the case's pacing do not fit together.
    """

    def __init__(self, case: Case, samples: NDArray[np.float32], codec: Codec) -> None:
        if len(samples) != case.audio.samples:
            raise ValueError(f"case {case.id!r}: audio has {len(samples)} samples, the case says {case.audio.samples}")
        self._case, self._samples, self._codec = case, samples, codec
        self._packets = schedule(case)
        self._counts: list[int] = []  # cumulative samples after each packet sent
        self._anchor_ns: int | None = None  # when the recogniser was ready
        self._end_sent = False
        self._events: list[Event] = []
        self._failure: str | None = None
        self.over = False  # nothing more is worth sending or waiting for

    @property
    def started(self) -> bool:
        """True once the recogniser is ready for audio."""
        return self._anchor_ns is not None

    @property
    def all_sent(self) -> bool:
        """True once the end of the stream was sent."""
        return self._end_sent

    def opened(self, now_ns: int) -> tuple[Frame, ...]:
        """The transport is up; what to send first."""
        self._events.append(Event(Kind.OPENED, now_ns))
        return self._codec.begin(self._case)

    @property
    def due_ns(self) -> int | None:
        """When the next frame is to leave; None while the gate is shut or when nothing is left to send."""
        if self._anchor_ns is None or self._end_sent or self.over:
            return None
        sent = len(self._counts)
        if sent < len(self._packets):
            return self._anchor_ns + self._packets[sent].offset_ns
        # The end of the stream follows the last packet at once, as it does when a microphone is switched off.
        return self._anchor_ns + (self._packets[-1].offset_ns if self._packets else 0)

    def step(self, now_ns: int) -> tuple[Frame, ...]:
        """The next packet (or the end of the stream) if it is due, recorded as leaving now; else nothing."""
        due_ns = self.due_ns
        if due_ns is None or now_ns < due_ns:
            return ()
        sent = len(self._counts)
        if sent == len(self._packets):
            self._end_sent = True
            self._events.append(Event(Kind.SENT_END, now_ns, due_ns=due_ns))
            return self._codec.end(sent)
        packet = self._packets[sent]
        self._counts.append(packet.end)
        self._events.append(Event(Kind.AUDIO, now_ns, due_ns=due_ns, samples=packet.end))
        return (self._codec.audio(self._case, self._samples[packet.start : packet.end]),)

    def heard(self, frame: Frame, now_ns: int) -> None:
        """The recogniser said something."""
        event = confirmed(self._codec.heard(frame, now_ns), self._counts)
        self._events.append(event)
        if event.kind is Kind.STARTED and self._anchor_ns is None:
            self._anchor_ns = now_ns
        elif event.kind is Kind.ENDED:
            self.over = True
            if not self._end_sent:
                self.fail(f"the recogniser ended its transcript after {self._progress()}, before the audio ended")
        elif event.kind is Kind.ERROR:
            self.fail(f"the recogniser reported {_told(event)} after {self._progress()}")
        elif VIOLATION in event.detail:
            self.fail(f"the recogniser broke the protocol after {self._progress()}: {event.detail[VIOLATION]}")

    def closed(self, now_ns: int, code: int | None, reason: str) -> None:
        """The transport is down."""
        self._events.append(Event(Kind.CLOSED, now_ns, detail={"code": code, "reason": reason}))
        if not self.over:
            said = f"code {code}" + (f", {reason!r}" if reason else "")
            self.fail(f"the recogniser closed the connection mid-stream after {self._progress()} ({said})")

    def fail(self, why: str) -> None:
        """The session cannot complete; the first reason stands."""
        self._failure = self._failure or why
        self.over = True

    def log(self, recogniser: str) -> EventLog:
        """Everything that happened."""
        return EventLog(self._case.id, recogniser, self._case.audio.rate, tuple(self._events), self._failure)

    def _progress(self) -> str:
        sent, rate = (self._counts[-1] if self._counts else 0), self._case.audio.rate
        return f"{sent / rate:.2f} of {self._case.audio.samples / rate:.2f} s of audio"


def _told(event: Event) -> str:
    detail: dict[str, Any] = dict(event.detail)
    return f"{detail.get('type', 'an error')}: {detail.get('reason', 'no reason given')}"

"""One replayed session without I/O: what to send and when, what was heard, and the event log of both.

The shell tells what happened and when (``opened``, ``heard``, ``closed``) and asks what is due (``due_ns``, ``step``).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from mirror.codecs import VIOLATION, Codec, Frame, confirmed
from mirror.replay.script import Script
from testsets.case import EMPTY
from testsets.events import Event, EventLog, Kind


class ReplaySession:
    """The state of one session; no audio leaves before the recogniser said that it is ready.

    Args:
        script: what to play.
        codec: the wire, new for this session.
        window: packets that may be unconfirmed while audio leaves as fast as it is taken; None plays in the case's
            own time. On a wire without confirmations only the transport holds the audio back.
    """

    def __init__(self, script: Script, codec: Codec, window: int | None = None) -> None:
        self._case, self._script, self._codec, self._window = script.case, script, codec, window
        self._traits = codec.traits
        self._counts: list[int] = []  # cumulative samples after each packet sent
        self._acked = 0  # packets
        self._anchor_ns: int | None = None  # when the recogniser was ready
        self._last_ns = 0  # when something was sent last
        self._end_sent = False
        self._events: list[Event] = []
        self._failure: str | None = None
        self._bridging = False  # what is due next is no packet but a sign of life
        self.due_ns: int | None = None  # when the next frame is to leave; None while nothing is to
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
        if not self._traits.greets:
            self._heard(Event(Kind.STARTED, now_ns))
        return self._codec.begin(self._case)

    def step(self, now_ns: int, held_ns: int = 0) -> tuple[Frame, ...]:
        """The next packet (or the end of the stream) if it is due, recorded as leaving now; else nothing.

        Args:
            now_ns: the time.
            held_ns: for how long after it was due the packet could not leave because the recogniser took nothing.
        """
        due_ns = self.due_ns
        if due_ns is None or now_ns < due_ns:
            return ()
        self._last_ns = now_ns
        frames = self._next(now_ns, due_ns if self._window is None else None, held_ns)
        self._plan()
        return frames

    def _next(self, now_ns: int, due_ns: int | None, held_ns: int) -> tuple[Frame, ...]:
        sent = len(self._counts)
        if self._bridging and self._traits.keep_alive is not None:
            self._events.append(Event(Kind.OTHER, now_ns, detail={"by": "client", "message": "keep-alive"}))
            return (self._traits.keep_alive,)
        if sent == len(self._script.packets):
            self._end_sent = True
            self._events.append(Event(Kind.SENT_END, now_ns, due_ns=due_ns))
            return self._codec.end(sent)
        end = self._script.packets[sent].end
        self._counts.append(end)
        # As fast as audio is taken, what is not taken is the pace itself.
        detail = {"held_ns": held_ns} if held_ns and due_ns is not None else EMPTY
        self._events.append(Event(Kind.AUDIO, now_ns, due_ns, end, detail=detail))
        return (self._script.frames[sent],)

    def heard(self, frame: Frame, now_ns: int) -> None:
        """The recogniser said something."""
        for event in confirmed(self._codec.heard(frame, now_ns), self._counts):
            self._heard(event)

    def _heard(self, event: Event) -> None:
        self._events.append(event)
        if event.kind is Kind.ACK:
            if self._window is not None:
                self._acked = max(self._acked, bisect_right(self._counts, event.samples or 0))
                self._plan()
        elif event.kind is Kind.STARTED and self._anchor_ns is None:
            self._anchor_ns = self._last_ns = event.wall_ns
            self._plan()
        elif event.kind is Kind.ENDED:
            self.over, self.due_ns = True, None
            if not self._end_sent:
                self.fail(f"the recogniser ended its transcript after {self._progress()}, before the audio ended")
        elif event.kind is Kind.ERROR:
            self.fail(f"the recogniser reported {_told(event)} after {self._progress()}")
        elif VIOLATION in event.detail:
            self.fail(f"the recogniser broke the protocol after {self._progress()}: {event.detail[VIOLATION]}")

    def _plan(self) -> None:
        """Set when the next frame is to leave."""
        self.due_ns = packet_ns = self._packet_due_ns()
        if packet_ns is not None and self._traits.keep_alive is not None:
            alive_ns = self._last_ns + self._traits.keep_alive_ns
            self._bridging = alive_ns < packet_ns
            self.due_ns = min(packet_ns, alive_ns)

    def _packet_due_ns(self) -> int | None:
        if self._anchor_ns is None or self._end_sent or self.over:
            return None
        sent, packets = len(self._counts), self._script.packets
        if self._window is not None:
            return None if self._traits.acks and sent - self._acked >= self._window else self._anchor_ns
        # The end of the stream follows the last packet at once, as it does when a microphone is switched off.
        at = min(sent, len(packets) - 1)
        return self._anchor_ns + (packets[at].offset_ns if packets else 0)

    def closed(self, now_ns: int, code: int | None, reason: str) -> None:
        """The transport is down."""
        self._events.append(Event(Kind.CLOSED, now_ns, detail={"code": code, "reason": reason}))
        if not self.over:
            said = f"code {code}" + (f", {reason!r}" if reason else "")
            self.fail(f"the recogniser closed the connection mid-stream after {self._progress()} ({said})")

    def fail(self, why: str) -> None:
        """The session cannot complete; the first reason stands."""
        self._failure = self._failure or why
        self.over, self.due_ns = True, None

    def log(self, recogniser: str) -> EventLog:
        """Everything that happened."""
        return EventLog(self._case.id, recogniser, self._case.audio.rate, tuple(self._events), self._failure)

    def _progress(self) -> str:
        sent, rate = (self._counts[-1] if self._counts else 0), self._case.audio.rate
        return f"{sent / rate:.2f} of {self._case.audio.samples / rate:.2f} s of audio"


def _told(event: Event) -> str:
    detail: dict[str, Any] = dict(event.detail)
    return f"{detail.get('type', 'an error')}: {detail.get('reason', 'no reason given')}"

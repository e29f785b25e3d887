"""One engine thread steps all streams: whoever has a step's audio waits in line, and the most urgent go together.

Sessions talk to it from the event loop's thread through slots; it answers through each slot's listener, called on the
engine thread. A stream that sent an hour at once is ahead of speech, so it cannot hold up the others (``engine.line``).
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic_ns

from engine.backlog import Backlog
from engine.channel import Channel
from engine.hearing import Engine
from engine.line import ALONE, Limits, Line
from engine.pace import Pace, samples_ns
from engine.protocol import ErrorType, MessageError
from engine.recognition import Listener
from engine.report import Report
from engine.session_config import SessionConfig

LOG = logging.getLogger(__name__)
CHUNK = 5_120  # samples of the chunks that costs are measured with: a batch of longer ones has fewer streams
AHEAD = 2  # streams that are stepped together ahead of speech


@dataclass(frozen=True, slots=True)
class _Flush:
    until: int | None


class _End:
    """No more audio comes."""


_Command = bytes | SessionConfig | _Flush | _End


class Slot:
    """One session's place in the engine, an ``engine.recognition.Place``."""

    def __init__(self, scheduler: Scheduler, config: SessionConfig, listener: Listener, backlog: Backlog) -> None:
        self.config, self.listener, self.backlog = config, listener, backlog
        self.channel: Channel | None = None  # until the engine thread has begun it
        self.pace = Pace()
        self.inbox: deque[tuple[_Command, int]] = deque()  # each with the ns at which it came
        self.heard_ns = 0  # when the last command that was obeyed had come
        self.closed = False
        self.in_line = False
        self._scheduler = scheduler

    @property
    def full(self) -> bool:
        """The queue holds all the audio it may; wait for ``Listener.has_room``."""
        return self.backlog.full

    def prepare(self) -> None:
        """Do the slow part of beginning, off the event loop's thread.

        Raises:
            MessageError: quota_exceeded, when what the session brings finds no room.
        """
        self._scheduler.prepare(self.config)

    def begin(self) -> None:
        """Have the stream begun."""
        self._scheduler.wake(self)

    def feed(self, data: bytes) -> None:
        """Queue audio."""
        self.backlog.fed(len(data))
        self._tell(data)

    def configure(self, config: SessionConfig) -> None:
        """Change delays and partials after the audio that is queued."""
        self._tell(config)

    def flush(self, until: int | None) -> None:
        """Make words up to a sample (None: all that is queued) final soon."""
        self._tell(_Flush(until))

    def finish(self) -> None:
        """No more audio comes; the report that ends the stream will follow."""
        self._tell(_End())

    def close(self) -> None:
        """Give the place back, and the stream's memory with it; nothing more is heard."""
        self.closed = True
        self._scheduler.release(self)
        channel, self.channel = self.channel, None
        if channel is not None:
            channel.close()

    def _tell(self, command: _Command) -> None:
        self.inbox.append((command, self._scheduler.clock()))
        self._scheduler.wake(self)


class Scheduler:
    """The engine thread and its line.

    Args:
        engine: what recognises.
        max_sessions: places; the next one is refused.
        max_batch: streams stepped together.
        queue_bytes: audio queued for one session before its client must wait.
        clock: nanoseconds of a monotonic clock; any thread.
    """

    def __init__(
        self,
        engine: Engine,
        max_sessions: int,
        max_batch: int = 16,
        queue_bytes: int = 1 << 18,
        clock: Callable[[], int] = monotonic_ns,
    ) -> None:
        self._engine, self.clock = engine, clock
        self._max_sessions, self._queue_bytes = max_sessions, queue_bytes
        self._slots: set[Slot] = set()
        self._woken: deque[Slot] = deque()
        self._line: Line[Slot] = Line(Limits(max_batch, max_batch * CHUNK, AHEAD))
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    @property
    def sessions(self) -> int:
        """Places taken."""
        return len(self._slots)

    @property
    def waiting(self) -> int:
        """Streams in line for a step."""
        return len(self._line)

    def start(self) -> None:
        """Start the engine thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the engine thread after its current step and wait for it."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def prepare(self, config: SessionConfig) -> None:
        """Build what a session brings with it; any thread.

        Raises:
            MessageError: quota_exceeded, when what the session brings finds no room.
        """
        self._engine.prepare(config)

    def open(self, config: SessionConfig, listener: Listener, backlog: Backlog | None = None) -> Slot:
        """Take a place.

        Args:
            backlog: is told what is taken in; None bounds the queue and tells the listener when it has room.

        Raises:
            MessageError: quota_exceeded, when all places are taken.
        """
        if len(self._slots) >= self._max_sessions:
            reason = f"all {self._max_sessions} sessions of this service are in use; try again later"
            raise MessageError(ErrorType.QUOTA_EXCEEDED, reason)
        slot = Slot(self, config, listener, backlog or Backlog(self._queue_bytes, listener.has_room))
        self._slots.add(slot)
        return slot

    def release(self, slot: Slot) -> None:
        """Free a slot's place."""
        self._slots.discard(slot)

    def wake(self, slot: Slot) -> None:
        """Have a slot's inbox read."""
        with self._changed:
            self._woken.append(slot)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._woken or self._line or self._stopping):
                    self._changed.wait()
                if self._stopping:
                    return
                woken, self._woken = self._woken, deque()
            for slot in woken:
                self._advance(slot)
            self._step_next()

    def _advance(self, slot: Slot) -> None:
        """Read a slot's inbox until a step is complete, and line it up when one is."""
        if slot.in_line or slot.closed:
            return
        try:
            channel = self._begun(slot)
            if channel is None:
                return
            self._tell(slot, channel)
            while not channel.ready and slot.inbox:
                command, slot.heard_ns = slot.inbox.popleft()
                self._obey(slot, channel, command)
                self._tell(slot, channel)
            if channel.ready:
                self._line_up(slot, channel, channel.hearing.size)
            elif channel.at_end:
                self._line_up(slot, channel, ALONE)
        except MessageError as error:
            self._fail(slot, error)
        except Exception:
            self._crashed(slot)

    def _begun(self, slot: Slot) -> Channel | None:
        """The slot's channel, made at the first call; None if the slot was closed while it was made."""
        channel = slot.channel  # read once: the slot may be closed meanwhile
        if channel is None:
            channel = slot.channel = Channel(self._engine.begin(slot.config), slot.config)
            if slot.closed:
                slot.close()  # once more: nobody else knows of this channel
                return None
        return channel

    def _tell(self, slot: Slot, channel: Channel) -> None:
        """Pass on what need not wait for a step."""
        for report in channel.due():
            slot.listener.heard(report)

    def _obey(self, slot: Slot, channel: Channel, command: _Command) -> None:
        match command:
            case bytes():
                slot.backlog.took(len(command))
                channel.take(command)
            case SessionConfig():
                channel.configure(command)
            case _Flush(until):
                channel.flush(until)
            case _End():
                channel.finish()

    def _line_up(self, slot: Slot, channel: Channel, size: int) -> None:
        here = slot.pace.came(channel.reach, slot.heard_ns)
        self._line.join(slot, size, here, here + samples_ns(channel.deadline - channel.reach))
        slot.in_line = True

    def _step_next(self) -> None:
        left = self._line.leave(self.clock(), len(self._slots))
        for slot in left:
            slot.in_line = False
        begun = [(slot, slot.channel) for slot in left]  # read once: a slot may be closed meanwhile
        batch = [(slot, channel) for slot, channel in begun if channel is not None and not slot.closed]
        if not batch:
            return
        if not batch[0][1].ready:
            self._end(*batch[0])
            return
        try:
            channels = [channel for _, channel in batch]
            self._engine.step([channel.hearing for channel in channels], [channel.next_step() for channel in channels])
        except Exception:
            self._crashed(*(slot for slot, _ in batch))
            return
        for slot, channel in batch:
            try:
                slot.listener.heard(channel.news())
            except Exception:
                self._crashed(slot)
            self._advance(slot)

    def _end(self, slot: Slot, channel: Channel) -> None:
        try:
            words = self._engine.end(channel.hearing, channel.rest())
            slot.closed = True
            slot.listener.heard(channel.after_end(words))
        except Exception:
            self._crashed(slot)

    def _crashed(self, *slots: Slot) -> None:
        """The streams of a failed step are lost, the others must not be: whatever it was ends here, with its trace."""
        LOG.exception("the engine failed in a step")
        for slot in slots:
            self._fail(slot, MessageError(ErrorType.JOB_ERROR, "the recogniser failed; see the service's log"))

    def _fail(self, slot: Slot, error: MessageError) -> None:
        slot.closed = True
        slot.listener.heard(Report(error=error))

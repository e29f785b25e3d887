"""One worker as the service sees it: its process, which is started again when it ends, and the places in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from queue import Empty, SimpleQueue
from time import monotonic_ns

from engine.backlog import Backlog
from engine.operations.log import fields
from engine.protocol import ErrorType, MessageError
from engine.recognition import Listener
from engine.report import Report
from engine.session_config import SessionConfig
from engine.workers.messages import Begin, Close, Finish, Flush, Prepare, Prepared, Ready, Stepped, Took
from engine.workers.outbox import Outbox
from engine.workers.process import Started

LOG = logging.getLogger(__name__)
RETRY_S = 2.0  # seconds until a worker that ended is started again
PREPARE_S = 60.0  # seconds that a worker gets to build what a session brings
STOP_S = 10.0  # seconds that a worker gets to end
_LOST = "the process that recognised this session ended; start a new session"


class RemotePlace:
    """A stream's place in a worker, an ``engine.recognition.Place``."""

    def __init__(
        self,
        number: int,
        config: SessionConfig,
        listener: Listener,
        outbox: Outbox,
        backlog: Backlog,
        freed: Callable[[int], None],
    ) -> None:
        self.number, self.listener, self.backlog = number, listener, backlog
        self.prepared: SimpleQueue[MessageError | None] = SimpleQueue()
        self._config, self._outbox, self._freed = config, outbox, freed

    @property
    def full(self) -> bool:
        """The queue holds all the audio it may; wait for ``Listener.has_room``."""
        return self.backlog.full

    def prepare(self) -> None:
        """Do the slow part of beginning, off the event loop's thread.

        Raises:
            MessageError: quota_exceeded, when what the session brings finds no room; job_error, when the worker failed.
        """
        self._tell(Prepare(self._config))
        try:
            error = self.prepared.get(timeout=PREPARE_S)
        except Empty:
            error = MessageError(ErrorType.JOB_ERROR, f"what the session brings was not built within {PREPARE_S:g} s")
        if error is not None:
            raise error

    def begin(self) -> None:
        """Have the stream begun."""
        self._tell(Begin(self._config))

    def feed(self, data: bytes) -> None:
        """Queue audio."""
        self.backlog.fed(len(data))
        self._tell(data)

    def configure(self, config: SessionConfig) -> None:
        """Change delays and partials after the audio that is queued."""
        self._tell(config)

    def flush(self, until: int | None) -> None:
        """Make words up to a sample (None: all that is queued) final soon."""
        self._tell(Flush(until))

    def finish(self) -> None:
        """No more audio comes; the report that ends the stream will follow."""
        self._tell(Finish())

    def close(self) -> None:
        """Give the place back; nothing more is heard."""
        self._tell(Close())
        self._freed(self.number)

    def lost(self) -> None:
        """The worker is gone."""
        error = MessageError(ErrorType.JOB_ERROR, _LOST)
        self.prepared.put(error)
        self.listener.heard(Report(error=error))

    def _tell(self, message: object) -> None:
        self._outbox.put(self.number, message)


@dataclass(frozen=True, slots=True)
class _Up:
    """A worker that is ready."""

    ready: Ready
    outbox: Outbox


class Worker:
    """A worker, for as long as the service runs.

    Args:
        number: from 0.
        start: starts its process.
        stepped: told of every step, on this worker's thread.
        changed: called when it is ready and when it has ended, on this worker's thread.
    """

    def __init__(
        self, number: int, start: Callable[[], Started], stepped: Callable[[Stepped], None], changed: Callable[[], None]
    ) -> None:
        self.number, self.waiting = number, 0
        self._start, self._stepped, self._changed = start, stepped, changed
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._places: dict[int, RemotePlace] = {}
        self._started: Started | None = None
        self._outbox: Outbox | None = None
        self._up: _Up | None = None
        self._over = threading.Event()
        self.failures = 0  # processes that ended by themselves
        self._thread = threading.Thread(target=self._run, name=f"worker-{number}", daemon=True)

    @property
    def ready(self) -> Ready | None:
        """What it said when it was ready; None while it is not."""
        up = self._up
        return None if up is None else up.ready

    @property
    def taken(self) -> int:
        """Places taken."""
        return len(self._places)

    @property
    def pid(self) -> int | None:
        """Of its process, None while there is none."""
        started = self._started
        return None if started is None else started.process.pid

    @property
    def busy_for(self) -> int:
        """Nanoseconds since the running step began; 0 between steps."""
        started = self._started
        began = 0 if started is None else started.began.value
        return max(monotonic_ns() - began, 0) if began else 0

    def start(self) -> None:
        """Start its process."""
        self._thread.start()

    def stop(self) -> None:
        """End its process after the current step; one that does not end is killed."""
        self._over.set()
        with self._lock:
            outbox = self._outbox
        if outbox is not None:
            outbox.close()
        self._thread.join(STOP_S)
        with self._lock:
            started = self._started
        if self._thread.is_alive() and started is not None:
            LOG.error("a worker did not end and was killed", extra=fields(worker=self.number))
            started.process.kill()
            self._thread.join()

    def open(self, config: SessionConfig, listener: Listener, capacity: int) -> RemotePlace | None:
        """Take a place; None when the worker is not ready.

        Args:
            capacity: bytes of audio queued before the client must wait.
        """
        with self._lock:
            if self._up is None:
                return None
            backlog = Backlog(capacity, listener.has_room)
            place = RemotePlace(next(self._numbers), config, listener, self._up.outbox, backlog, self._free)
            self._places[place.number] = place
            return place

    def _free(self, number: int) -> None:
        with self._lock:
            self._places.pop(number, None)

    def _run(self) -> None:
        while not self._over.is_set():
            started = self._start()
            with self._lock:
                self._started, self._outbox = started, outbox = started, Outbox(started.pipe)
            if self._over.is_set():  # meanwhile
                outbox.close()
            self._listen(started, outbox)
            if not self._over.is_set():
                LOG.error("a worker ended, another takes its place", extra=fields(worker=self.number))
                self._over.wait(RETRY_S)

    def _listen(self, started: Started, outbox: Outbox) -> None:
        """Hear one process until it ends."""
        try:
            while (messages := started.pipe.recv()) is not None:
                for number, message in messages:
                    self._hear(number, message, outbox)
        except (EOFError, OSError):
            pass  # it ended without a word
        with self._lock:
            lost, self._places, self._up, self._started, self._outbox = (
                list(self._places.values()),
                {},
                None,
                None,
                None,
            )
            self.failures += not self._over.is_set()
        self.waiting = 0
        for place in lost:
            place.lost()
        self._changed()
        outbox.close()
        started.process.join()
        started.pipe.close()

    def _hear(self, number: int, message: object, outbox: Outbox) -> None:
        match message:
            case Ready():
                self._up = _Up(message, outbox)
                self._changed()
            case Stepped():
                self.waiting = message.waiting
                self._stepped(message)
            case _:
                place = self._places.get(number)
                if place is not None:
                    _tell(place, message)


def _tell(place: RemotePlace, message: object) -> None:
    match message:
        case Report():
            place.listener.heard(message)
        case Took(size):
            place.backlog.took(size)
        case Prepared(error):
            place.prepared.put(error)

"""A worker: an engine and a scheduler at the end of a pipe, until the service says that it is over or is gone."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ctypes import c_int64
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import monotonic_ns, thread_time_ns

import numpy as np
from numpy.typing import NDArray

from engine.backlog import Backlog
from engine.hearing import Engine, Hearing
from engine.protocol import ErrorType, MessageError
from engine.recognised import RecognisedWord
from engine.report import Report
from engine.scheduler import Scheduler, Slot
from engine.session_config import SessionConfig
from engine.workers.messages import NOWHERE, Begin, Close, Finish, Flush, Prepare, Prepared, Ready, Stepped, Took
from engine.workers.outbox import Outbox

LOG = logging.getLogger(__name__)
_UNBOUNDED = 1 << 62  # places and bytes: the service bounds both before it sends anything


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a worker needs."""

    engine: Engine
    places: int  # that its core can carry


Load = Callable[[], Loaded]


def ignore_signals() -> None:
    """Leave it to the service when to stop: a terminal and an init system send their signals to all its processes."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def work(pipe: Connection, began: c_int64, load: Load, max_batch: int) -> None:
    """Serve the other end of a pipe.

    Args:
        pipe: to the service.
        began: shared with the service: when the running step began, nanoseconds; 0 between steps.
        load: makes the engine.
        max_batch: streams stepped together.
    """
    loaded = load()
    outbox = Outbox(pipe)
    engine = ToldEngine(loaded.engine, outbox, began)
    scheduler = Scheduler(engine, _UNBOUNDED, max_batch)
    engine.waiting = lambda: scheduler.waiting
    scheduler.start()
    outbox.put(NOWHERE, Ready(engine.digest, dict(engine.models), loaded.places))
    with ThreadPoolExecutor(1, "prepare") as builder:
        _Bench(scheduler, outbox, builder).serve(pipe)
    scheduler.stop()
    outbox.close()
    pipe.close()


class _Bench:
    """The places of a worker."""

    def __init__(self, scheduler: Scheduler, outbox: Outbox, builder: ThreadPoolExecutor) -> None:
        self._scheduler, self._outbox, self._builder = scheduler, outbox, builder
        self._slots: dict[int, Slot] = {}

    def serve(self, pipe: Connection) -> None:
        """Do what comes until nothing more does."""
        try:
            while (messages := pipe.recv()) is not None:
                for place, message in messages:
                    self._obey(place, message)
        except (EOFError, OSError):
            LOG.error("the service is gone, and this worker goes too")

    def _obey(self, place: int, message: object) -> None:
        match message:
            case Prepare(config):
                self._builder.submit(self._prepare, place, config)
            case Begin(config):
                backlog = _Told(lambda size: self._outbox.put(place, Took(size)))
                self._slots[place] = self._scheduler.open(config, _Ear(self._outbox, place), backlog)
                self._slots[place].begin()
            case Close():
                self._forget(place)
            case _ if place in self._slots:
                _pass_on(self._slots[place], message)

    def _forget(self, place: int) -> None:
        if place in self._slots:
            self._slots.pop(place).close()

    def _prepare(self, place: int, config: SessionConfig) -> None:
        error = None
        try:
            self._scheduler.prepare(config)
        except MessageError as reason:
            error = reason
        except Exception:
            LOG.exception("a session could not be prepared")
            error = MessageError(ErrorType.JOB_ERROR, "the recogniser failed; see the service's log")
        self._outbox.put(place, Prepared(error))


def _pass_on(slot: Slot, message: object) -> None:
    match message:
        case bytes():
            slot.feed(message)
        case SessionConfig():
            slot.configure(message)
        case Flush(until):
            slot.flush(until)
        case Finish():
            slot.finish()


class _Told(Backlog):
    """Tells of all that is taken in; bounds nothing."""

    def __init__(self, took: Callable[[int], None]) -> None:
        super().__init__(_UNBOUNDED, lambda: None)
        self._tell = took

    def took(self, size: int) -> None:
        """So many queued bytes were taken in."""
        self._tell(size)


@dataclass(frozen=True, slots=True)
class _Ear:
    """Passes on what is said about a place."""

    outbox: Outbox
    place: int

    def heard(self, report: Report) -> None:
        """News of the stream, on the engine thread."""
        self.outbox.put(self.place, report)

    def has_room(self) -> None:
        """Never: the queue here has no bound."""


class ToldEngine:
    """An engine whose steps are told to the service.

    Args:
        engine: what recognises.
        outbox: to the service.
        began: when the running step began, for the service to see even if it hangs.
    """

    def __init__(self, engine: Engine, outbox: Outbox, began: c_int64) -> None:
        self._engine, self._outbox, self._began = engine, outbox, began
        self.digest, self.models = engine.digest, engine.models
        self.waiting: Callable[[], int] = lambda: 0
        self._worked = threading.local()

    def prepare(self, config: SessionConfig) -> None:
        """Build what a session brings, on the caller's thread."""
        self._engine.prepare(config)

    def begin(self, config: SessionConfig) -> Hearing:
        """Start a stream of the engine."""
        return self._engine.begin(config)

    def step(self, hearings: Sequence[Hearing], pcm: Sequence[NDArray[np.float32]]) -> None:
        """Step the engine."""
        with _Running(self._began) as running:
            self._engine.step(hearings, pcm)
        self._tell(running.took, len(hearings), sum(map(len, pcm)))

    def end(self, hearing: Hearing, rest: NDArray[np.float32]) -> tuple[RecognisedWord, ...]:
        """Finish a stream of the engine."""
        with _Running(self._began) as running:
            words = self._engine.end(hearing, rest)
        self._tell(running.took, 0, len(rest))
        return words

    def _tell(self, took: int, streams: int, samples: int) -> None:
        now = thread_time_ns()
        worked, self._worked.until = now - getattr(self._worked, "until", 0), now
        self._outbox.put(NOWHERE, Stepped(took, worked, streams, samples, self.waiting()))


class _Running:
    """Times a step and shows that it runs."""

    def __init__(self, began: c_int64) -> None:
        self._began = began
        self.took = 0  # ns

    def __enter__(self) -> _Running:
        self._at = self._began.value = monotonic_ns()
        return self

    def __exit__(self, *_: object) -> None:
        self._began.value = 0
        self.took = monotonic_ns() - self._at

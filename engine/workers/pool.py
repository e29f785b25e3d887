"""All workers of a service: who gets the next place, and what they do together.

The service keeps every socket, so it knows every place that is taken: the next stream goes to the worker with the
fewest, each channel of a session by itself, and none is refused while any worker has room.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from time import monotonic_ns

from engine.audio.intake import ENGINE_RATE
from engine.operations.load import RecentLoad
from engine.operations.meters import Meters, WorkerState
from engine.pace import samples_ns
from engine.protocol import ErrorType, MessageError
from engine.recognition import Listener
from engine.session_config import SessionConfig
from engine.workers.errors import WorkerError
from engine.workers.messages import Ready, Stepped
from engine.workers.process import Started
from engine.workers.remote import RemotePlace, Worker


class WorkerPool:
    """An ``engine.recognition.Recognition`` in several processes: ``with WorkerPool(...) as pool: Service(pool, ...)``.

    Args:
        start: starts a worker's process.
        workers: how many.
        most: places of them all; None is as many as the cores carry, by the weakest of them.
        queue_bytes: audio queued for one stream before its client must wait.
    """

    def __init__(
        self, start: Callable[[], Started], workers: int, most: int | None = None, queue_bytes: int = 1 << 18
    ) -> None:
        self._most, self._queue_bytes = most, queue_bytes
        self._changed = threading.Condition()
        self._load, self._loading = RecentLoad(), threading.Lock()
        self._meters: Meters | None = None
        self._about: Ready | None = None
        self._share = 0  # places of one worker
        self._workers = [Worker(number, start, self._note, self._tell) for number in range(workers)]

    def __enter__(self) -> WorkerPool:
        """Start all workers and wait until they are ready.

        Raises:
            WorkerError: one of them ended before.
        """
        for worker in self._workers:
            worker.start()
        with self._changed:
            self._changed.wait_for(
                lambda: all(w.ready for w in self._workers) or any(w.failures for w in self._workers)
            )
        said = [worker.ready for worker in self._workers]
        ready = [one for one in said if one is not None]
        if len(ready) < len(said):
            self.__exit__()
            raise WorkerError("a worker ended before it was ready; what it wrote to stderr says why")
        self._about = ready[0]
        weakest = min(one.places for one in ready)
        self._share = weakest if self._most is None else math.ceil(self._most / len(said))
        return self

    def __exit__(self, *_: object) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.stop()

    def report_to(self, meters: Meters) -> None:
        """Tell meters of every step from here on."""
        self._meters = meters

    @property
    def digest(self) -> str:
        """Names what recognises."""
        assert self._about is not None  # entered
        return self._about.digest

    @property
    def models(self) -> Mapping[str, str]:
        """The operating points that sessions may choose, the default first, and the digest of each."""
        assert self._about is not None
        return self._about.models

    @property
    def places(self) -> int:
        """Places of the workers that are ready."""
        carried = self._share * sum(worker.ready is not None for worker in self._workers)
        return carried if self._most is None else min(self._most, carried)

    @property
    def sessions(self) -> int:
        """Places taken."""
        return sum(worker.taken for worker in self._workers)

    @property
    def waiting(self) -> int:
        """Streams in line for a step, after the last one of each worker."""
        return sum(worker.waiting for worker in self._workers)

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of work for a second of audio in the last minute; None without audio."""
        with self._loading:
            return self._load.real_time_factor(monotonic_ns())

    @property
    def busy_for(self) -> int:
        """Nanoseconds since the oldest running step began; 0 between steps."""
        return max(worker.busy_for for worker in self._workers)

    def states(self) -> tuple[WorkerState, ...]:
        """Each worker now."""
        return tuple(
            WorkerState(worker.number, worker.pid, worker.ready is not None, worker.taken, worker.failures)
            for worker in self._workers
        )

    def start(self) -> None:
        """They have begun already."""

    def stop(self) -> None:
        """They end when the pool is left."""

    def open(self, config: SessionConfig, listener: Listener) -> RemotePlace:
        """Take a place; on one thread only.

        Raises:
            MessageError: quota_exceeded, when all places are taken.
        """
        if self.sessions < self.places:
            for worker in sorted(self._workers, key=lambda worker: worker.taken):
                place = worker.open(config, listener, self._queue_bytes)
                if place is not None:
                    return place
        places = self.places
        busy = (
            f"all {places} sessions of this service are in use" if places else "the recogniser is being started again"
        )
        raise MessageError(ErrorType.QUOTA_EXCEEDED, f"{busy}; try again later")

    def _note(self, step: Stepped) -> None:
        now = monotonic_ns()
        with self._loading:
            self._load.add(now, step.worked, samples_ns(step.samples))
        if self._meters is not None:
            self._meters.audio.inc(step.samples / ENGINE_RATE)
            if step.streams:
                self._meters.step.observe(step.took / 1e9)
                self._meters.batch.observe(step.streams)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

"""The threads that recognise: each takes the oldest queued job, hears it, and keeps what it heard."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.jobs.audio import blocks
from engine.jobs.config import read_config
from engine.jobs.errors import AudioError
from engine.jobs.folder import DataFolder
from engine.jobs.job import Job, State
from engine.jobs.meters import JobMeters
from engine.jobs.recognition import Interrupted, Offline, recognise
from engine.jobs.results import results_of
from engine.jobs.settings import JobSettings
from engine.jobs.store import Store
from engine.operations.log import fields
from engine.protocol import ErrorType, MessageError

LOG = logging.getLogger(__name__)
MOST_ATTEMPTS = 3  # a recording that brings the process down must not do so for ever
RETRY_S = 5.0  # seconds until a full disk is tried again


@dataclass(frozen=True, slots=True)
class _Heard:
    results: list[dict[str, Any]]  # as on the wire
    samples: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: State | None  # None where the job was interrupted
    samples: int = 0


class Workers:
    """A fixed number of threads over one store.

    Args:
        recognisers: by operating point.
        clock: calendar time, microseconds since 1970.
        told: called with the id of a job that is over, on the thread that did it.
    """

    def __init__(
        self,
        store: Store,
        folder: DataFolder,
        recognisers: Mapping[str, Offline],
        settings: JobSettings,
        meters: JobMeters,
        clock: Callable[[], int],
        told: Callable[[str], None],
    ) -> None:
        self._store, self._folder, self._recognisers, self._meters = store, folder, recognisers, meters
        self._most_samples, self._clock, self._told = settings.most_samples, clock, told
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._cancelled: set[str] = set()
        self._running: set[str] = set()
        self._threads = [
            threading.Thread(target=self._work, name=f"jobs-{n}", daemon=True) for n in range(settings.workers)
        ]

    def start(self) -> None:
        """Begin, with what an earlier process left unfinished."""
        if left := self._store.requeue():
            LOG.info("unfinished jobs go on", extra=fields(jobs=left))
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Say that a job waits."""
        with self._changed:
            self._changed.notify()

    def cancel(self, job_id: str) -> None:
        """Have a running job dropped at its next block."""
        with self._changed:
            if job_id in self._running:
                self._cancelled.add(job_id)

    def stop(self) -> None:
        """Stop after the current blocks; what is unfinished goes back to the queue."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            began, outcome = self._meters.begin(), _Outcome(None)
            try:
                outcome = self._run(job)
            except Exception:
                LOG.exception("a job could not be kept", extra=fields(job=job.id))
            finally:
                with self._changed:
                    self._running.discard(job.id)
                    self._cancelled.discard(job.id)
            self._meters.end(began, outcome.state, outcome.samples)
            LOG.info("a job left its worker", extra=fields(job=job.id, state=outcome.state, samples=outcome.samples))
            self._told(job.id)

    def _next(self) -> Job | None:
        """The next job, when there is one; None when the service stops."""
        with self._changed:
            while not self._stopping.is_set():
                try:
                    job = self._store.claim(self._clock())
                except sqlite3.Error as error:  # the disk is full: the queue stays as it is
                    LOG.error("no job can be begun", extra=fields(reason=str(error)))
                    self._changed.wait(RETRY_S)
                    continue
                if job is not None:
                    self._running.add(job.id)
                    return job
                self._changed.wait()
        return None

    def _run(self, job: Job) -> _Outcome:
        if job.attempts > MOST_ATTEMPTS:
            return self._reject(job, f"recognition was begun {MOST_ATTEMPTS} times and never ended")
        try:
            heard = self._recognise(job)
        except AudioError as error:
            return self._reject(job, str(error))
        except MessageError as error:
            if error.type is not ErrorType.QUOTA_EXCEEDED:
                return self._reject(job, error.reason)
            self._stopping.wait(RETRY_S)  # other jobs' dictionaries leave no room for this one's: later they will
            self._keep(lambda: self._store.release(job.id))
            return _Outcome(None)
        except Interrupted:
            if job.id not in self._cancelled:
                self._keep(lambda: self._store.release(job.id))
            return _Outcome(None)
        except Exception:  # the job is lost, the others must not be
            if job.id in self._cancelled:  # a deleted job's recording may be gone before it was opened
                return _Outcome(None)
            LOG.exception("the recogniser failed", extra=fields(job=job.id))
            return self._reject(job, "the recogniser failed; see the service's log")
        self._keep(lambda: self._store.finish(job.id, heard.results, heard.samples, self._clock()))
        return _Outcome(State.DONE, heard.samples)

    def _recognise(self, job: Job) -> _Heard:
        recogniser = self._recognisers.get(job.operating_point)
        if recogniser is None:
            raise AudioError(f"'{job.operating_point}' is not served any more; submit the recording again")
        config = read_config(json.dumps(job.config))
        begin = partial(recogniser.begin, config.transcription)
        with closing(blocks(self._folder.recording(job.id), config.channels is not None)) as recording:
            threshold = config.transcription.volume_threshold
            heard = recognise(recording, begin, self._most_samples, lambda: self._goes_on(job.id), threshold)
        return _Heard(results_of(heard.channels, config), heard.samples)

    def _goes_on(self, job_id: str) -> bool:
        return not self._stopping.is_set() and job_id not in self._cancelled

    def _reject(self, job: Job, reason: str) -> _Outcome:
        self._keep(lambda: self._store.reject(job.id, reason, self._clock()))
        return _Outcome(State.REJECTED)

    def _keep(self, change: Callable[[], object]) -> None:
        """Write, again and again while the disk is full: an hour of recognition must not be lost by it."""
        while True:
            try:
                change()
                return
            except sqlite3.OperationalError as error:
                LOG.error("a job cannot be kept yet", extra=fields(reason=str(error)))
                if self._stopping.wait(RETRY_S):
                    return  # it is still marked as running, so it begins again with the next start

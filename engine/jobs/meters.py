"""What Prometheus is told of jobs. Nothing here holds a word, a client's name or a job's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic_ns

from prometheus_client import CollectorRegistry, Counter, Gauge, Info, ProcessCollector, generate_latest

from engine.audio.intake import ENGINE_RATE
from engine.jobs.job import State

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class JobMeters:
    """The meters of one service.

    Args:
        queued: how many jobs wait, asked at every scrape.
        version: of the service.
        digests: of its recognisers, by operating point.
        now: nanoseconds of a monotonic clock.
    """

    def __init__(
        self,
        queued: Callable[[], int],
        version: str,
        digests: Mapping[str, str],
        now: Callable[[], int] = monotonic_ns,
    ) -> None:
        self._registry = registry = CollectorRegistry()
        self._now = now
        ProcessCollector(registry=registry)
        told = {"version": version, **digests}
        Info("understudy_jobs_service", "What runs, and the digests of its recognisers.", registry=registry).info(told)
        Gauge("understudy_jobs_queued", "Jobs that wait.", registry=registry).set_function(queued)
        self._running = Gauge("understudy_jobs_running", "Jobs that are being recognised.", registry=registry)
        self._over = Counter(
            "understudy_jobs_over", "Jobs that were begun, by what came of it.", ["state"], registry=registry
        )
        self._audio = Counter("understudy_jobs_audio_seconds", "Audio of the jobs that were done.", registry=registry)
        self._work = Counter("understudy_jobs_work_seconds", "Time for the jobs that were done.", registry=registry)

    def begin(self) -> int:
        """A job begins: the time."""
        self._running.inc()
        return self._now()

    def end(self, began: int, state: State | None, samples: int = 0) -> None:
        """A job left its worker.

        Args:
            began: from ``begin``.
            state: what came of it; None where it was interrupted.
            samples: of its audio, at 16 kHz.
        """
        self._running.dec()
        self._over.labels(state or "interrupted").inc()
        if state is State.DONE:
            self._audio.inc(samples / ENGINE_RATE)
            self._work.inc((self._now() - began) / 1e9)

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)

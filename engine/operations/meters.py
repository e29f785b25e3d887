"""What Prometheus is told. Nothing here holds a word, a client's name or a session's id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from engine.operations.process_use import process_use

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LATENESS = (-2.0, -1.0, -0.5, -0.3, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_LATENCY = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0)
_STEP = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_BATCH = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One worker at this moment."""

    number: int
    pid: int | None  # None while it has no process
    ready: bool
    streams: int  # places taken in it
    failures: int  # processes of it that ended by themselves


@dataclass(frozen=True, slots=True)
class State:
    """What is true at this moment."""

    sessions: int
    places: int
    waiting: int  # streams in line for a step
    draining: bool
    real_time_factor: float | None  # of the last minute, None without audio
    workers: tuple[WorkerState, ...] = ()  # none where the service recognises by itself


class Meters:
    """The meters of one service.

    Args:
        state: asked at every scrape.
        version: of the service.
        recogniser: its digest.
    """

    def __init__(self, state: Callable[[], State], version: str, recogniser: str) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Moment(state))
        Info("understudy_service", "What runs.", registry=registry).info(
            {"version": version, "recogniser": recogniser},
        )
        self.started = Counter("understudy_sessions_started", "Sessions that got a place.", registry=registry)
        self.refused = Counter("understudy_refused", "Clients sent away, by reason.", ["reason"], registry=registry)
        self.errors = Counter("understudy_errors", "Error messages sent, by type.", ["type"], registry=registry)
        self.audio = Counter("understudy_audio_seconds", "Audio recognised.", registry=registry)
        self.words = Counter("understudy_final_words", "Words that became final.", registry=registry)
        self.lateness = Histogram(
            "understudy_final_lateness_seconds",
            "From when a word was due (its end + max_delay) to its final; late is above zero.",
            buckets=_LATENESS,
            registry=registry,
        )
        self.latency = Histogram(
            "understudy_partial_latency_seconds",
            "From the arrival of the last word of a partial to the partial.",
            buckets=_LATENCY,
            registry=registry,
        )
        self.step = Histogram(
            "understudy_engine_step_seconds", "One step of a batch of streams.", buckets=_STEP, registry=registry
        )
        self.batch = Histogram(
            "understudy_engine_batch_streams", "Streams stepped together.", buckets=_BATCH, registry=registry
        )

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)


class _Moment(Collector):
    """Gauges that are read and not kept; what is undefined has no sample."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state()
        yield _gauge("understudy_sessions", "Sessions that hold a place.", state.sessions)
        yield _gauge("understudy_places", "Sessions that may be at a time.", state.places)
        yield _gauge("understudy_streams_waiting", "Streams in line for a step of the engine.", state.waiting)
        yield _gauge("understudy_draining", "1 once a stop was asked for.", int(state.draining))
        if state.real_time_factor is not None:
            text = "Seconds of engine work for a second of audio, over the last minute."
            yield _gauge("understudy_real_time_factor", text, state.real_time_factor)
        if state.workers:
            yield from _of_workers(state.workers)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _of_workers(workers: Sequence[WorkerState]) -> Iterator[Metric]:
    up = GaugeMetricFamily("understudy_worker_up", "1 while a worker is ready.", labels=["worker"])
    streams = GaugeMetricFamily("understudy_worker_streams", "Places taken in a worker.", labels=["worker"])
    resident = GaugeMetricFamily("understudy_worker_resident_bytes", "Memory of a worker.", labels=["worker"])
    cpu = CounterMetricFamily("understudy_worker_cpu_seconds", "Processor time of a worker.", labels=["worker"])
    failures = CounterMetricFamily(
        "understudy_worker_failures", "Times that a worker ended by itself.", labels=["worker"]
    )
    for worker in workers:
        labels = [str(worker.number)]
        up.add_metric(labels, int(worker.ready))
        streams.add_metric(labels, worker.streams)
        failures.add_metric(labels, worker.failures)
        used = None if worker.pid is None else process_use(worker.pid)
        if used is not None:
            cpu.add_metric(labels, used.cpu_seconds)
            resident.add_metric(labels, used.resident_bytes)
    yield from (up, streams, failures, cpu, resident)

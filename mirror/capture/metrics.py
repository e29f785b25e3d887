"""A tee's counters in the words of Prometheus; everything is read when somebody asks, nothing on the hot path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from mirror.capture.meters import BOUNDS_NS
from mirror.capture.tee import Tee

Gauges = Callable[[], Iterator[Metric]]  # somebody else's metrics, read when asked


class _TeeMetrics(Collector):
    def __init__(self, tee: Tee, more: Sequence[Gauges]) -> None:
        self._tee, self._more = tee, more

    def collect(self) -> Iterator[Metric]:
        yield from _traffic(self._tee)
        yield from _kept(self._tee)
        yield _latency(self._tee)
        for gauges in self._more:
            yield from gauges()


def exposition(tee: Tee, more: Sequence[Gauges] = ()) -> Callable[[], bytes]:
    """Writes the metrics of a tee in the text format of Prometheus, each time it is called.

    Args:
        tee: whose.
        more: other metrics to write beside them.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_TeeMetrics(tee, more))
    return lambda: generate_latest(registry)


def _traffic(tee: Tee) -> Iterator[Metric]:
    seen = tee.counters
    forwarded = CounterMetricFamily("understudy_capture_forwarded_bytes", "Bytes forwarded.", labels=["side"])
    for side, count in seen.forwarded.items():
        forwarded.add_metric([str(side)], count)
    yield forwarded
    yield GaugeMetricFamily("understudy_capture_open_connections", "Connections open now.", value=seen.open)
    ended = CounterMetricFamily("understudy_capture_connections", "Connections by how they went.", labels=["outcome"])
    ended.add_metric(["ended"], seen.ended)
    ended.add_metric(["refused"], seen.refused)
    yield ended


def _kept(tee: Tee) -> Iterator[Metric]:
    kept = tee.recorder.kept
    yield CounterMetricFamily("understudy_capture_kept_sessions", "Sessions of which anything was kept.", kept.sessions)
    yield CounterMetricFamily(
        "understudy_capture_incomplete_sessions", "Kept sessions whose capture stopped early.", kept.incomplete
    )
    yield CounterMetricFamily(
        "understudy_capture_dropped_sessions", "Sessions whose capture queue was full.", tee.counters.dropped
    )
    yield CounterMetricFamily("understudy_capture_kept_bytes", "Bytes written to the store.", kept.bytes)
    yield GaugeMetricFamily(
        "understudy_capture_queue_bytes", "Bytes that wait to be written.", value=tee.recorder.waiting
    )


def _latency(tee: Tee) -> Metric:
    latency = tee.counters.latency
    bounds = [*(str(ns / 1e9) for ns in BOUNDS_NS), "+Inf"]
    metric = HistogramMetricFamily(
        "understudy_capture_added_latency_seconds", "From reading bytes to writing them to the other side."
    )
    metric.add_metric([], list(zip(bounds, accumulate(latency.counts), strict=True)), latency.total_ns / 1e9)
    return metric

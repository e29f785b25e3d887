"""How the candidate is doing, in the words of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from mirror.shadow.stage import Seen


def shadow_metrics(seen: Callable[[], Seen]) -> Callable[[], Iterator[Metric]]:
    """Metrics to write beside a tee's.

    Args:
        seen: what the shadow has seen by now.
    """

    def gauges() -> Iterator[Metric]:
        now = seen()
        yield GaugeMetricFamily("understudy_shadow_running_sessions", "Sessions being rehearsed.", value=now.running)
        ended = CounterMetricFamily("understudy_shadow_sessions", "Rehearsed sessions.", labels=["outcome"])
        ended.add_metric(["finished"], now.finished)
        ended.add_metric(["failed"], sum(count for _, count in now.failed))
        yield ended
        yield CounterMetricFamily(
            "understudy_shadow_violations", "Messages of the candidate that broke its wire.", now.violations
        )
        for name, what, count in (
            ("edits", "Edits between the words of both.", now.disagreement.edits),
            ("champion_words", "Final words of the champion.", now.disagreement.champion),
            ("candidate_words", "Final words of the candidate.", now.disagreement.candidate),
        ):
            yield GaugeMetricFamily(f"understudy_shadow_{name}", what, value=count)
        rate = now.disagreement.rate
        if rate is not None:
            yield GaugeMetricFamily(
                "understudy_shadow_disagreement_ratio", "Edits over the champion's words.", value=rate
            )

    return gauges

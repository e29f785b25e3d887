"""Percentiles of delays: exact order statistics, the least n that each needs, and cluster-aware differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from harness.measures.counts import Delays
from harness.statistics.inference import Inference, StudentLaw

NEVER = math.inf  # where a percentile lies among the censored


def minimum_n(q: float, confidence: float = 0.95) -> int:
    """The least n for which an order statistic bounds the q-quantile from above: q**n <= 1 - confidence."""
    return math.ceil(math.log(1 - confidence) / math.log(q))


def percentile(delays: Delays, q: float) -> float | None:
    """The q-quantile in nanoseconds: the order statistic of rank ceil(q n), never interpolated.

    Returns:
        None where there are fewer delays than the percentile needs; infinity where it lies among the censored.
    """
    if delays.count < minimum_n(q):
        return None
    rank = math.ceil(q * delays.count)
    return float(delays.observed_ns[rank - 1]) if rank <= len(delays.observed_ns) else NEVER


def order_interval(delays: Delays, q: float, confidence: float = 0.95) -> tuple[float, float] | None:
    """An exact two-sided interval of the q-quantile by order statistics, for independent delays.

    Returns:
        None where the sample is too small to have one. Delays of one cluster are not independent: see compare.
    """
    n, tail = delays.count, (1 - confidence) / 2
    low, high = int(stats.binom.ppf(tail, n, q)), int(stats.binom.ppf(1 - tail, n, q)) + 1
    if low < 1 or high > n:
        return None
    return _ranked(delays, low), _ranked(delays, high)


@dataclass(frozen=True, slots=True, eq=False)
class ClusterDelays:
    """Delays of one side, ascending, each with its cluster's index; the censored stand last, at infinity."""

    values: np.ndarray  # (n,) float64 nanoseconds
    cluster: np.ndarray  # (n,) int64

    @classmethod
    def of(cls, by_cluster: Sequence[Delays]) -> ClusterDelays:
        """One entry a cluster."""
        values = [np.array(d.observed_ns + (NEVER,) * d.censored, dtype=np.float64) for d in by_cluster]
        joined = np.concatenate(values) if values else np.empty(0)
        owner = np.repeat(np.arange(len(values)), [len(v) for v in values])
        order = np.argsort(joined, kind="stable")
        return cls(joined[order], owner[order])

    def quantiles(self, counts: np.ndarray, q: float) -> np.ndarray:
        """The q-quantile of each resample; ``counts`` is (draws, clusters), how often each cluster was drawn."""
        weights = np.cumsum(counts[:, self.cluster], axis=1)
        rank = np.ceil(q * weights[:, -1:])
        found: np.ndarray = self.values[np.argmax(weights >= np.maximum(rank, 1), axis=1)]
        return found


def compare_percentiles(
    champion: Sequence[Delays], candidate: Sequence[Delays], q: float, rng: np.random.Generator, *, resamples: int
) -> Inference | None:
    """Infer the candidate's q-quantile minus the champion's, in nanoseconds, by resampling whole clusters.

    The standard error is the bootstrap's, widened by k / (k - 1) and judged by Student's t, for clusters are few.

    Args:
        champion: one entry a cluster.
        candidate: the same clusters in the same order.
        q: in (0, 1).
        rng: for the bootstrap.
        resamples: bootstrap draws.

    Returns:
        None where a percentile is undefined or infinite, or there are fewer than 2 clusters.
    """
    k = len(champion)
    sides = [sum(side, Delays()) for side in (champion, candidate)]
    points = [percentile(side, q) for side in sides]
    if k < 2 or points[0] is None or points[1] is None or NEVER in points:
        return None
    a, b = ClusterDelays.of(champion), ClusterDelays.of(candidate)
    step = max(4_000_000 // max(len(a.values), len(b.values)), 1)
    parts = []
    for start in range(0, resamples, step):
        counts = rng.multinomial(k, np.full(k, 1 / k), size=min(step, resamples - start))
        with np.errstate(invalid="ignore"):
            parts.append(b.quantiles(counts, q) - a.quantiles(counts, q))
    draws = np.concatenate(parts)
    finite = draws[np.isfinite(draws)]
    if len(finite) < 0.9 * resamples:
        return None
    error = float(finite.std(ddof=1)) * math.sqrt(k / (k - 1))
    method = f"cluster bootstrap, {resamples} resamples of {k} clusters"
    return Inference(points[1] - points[0], error, StudentLaw(k - 1), method)


def _ranked(delays: Delays, rank: int) -> float:
    return float(delays.observed_ns[rank - 1]) if rank <= len(delays.observed_ns) else NEVER

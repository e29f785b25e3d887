"""Percentiles of delays: exact order statistics, the least n that each needs, and cluster-aware differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from harness.measures.counts import Delays
from harness.statistics.inference import Inference, StudentLaw
from harness.statistics.resampling import resampled_quantiles

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
    below = special.bdtr(np.arange(n + 1), n, q)  # binomial: chance that at most k delays lie under the quantile
    low, high = (int(np.searchsorted(below, p)) for p in (tail, 1 - tail))
    high += 1
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


@dataclass(frozen=True, slots=True)
class PercentileInference:
    """One percentile of both sides and its difference, in nanoseconds."""

    champion: Inference
    candidate: Inference
    difference: Inference  # candidate - champion


def compare_percentiles(
    champion: Sequence[Delays],
    candidate: Sequence[Delays],
    qs: Sequence[float],
    rng: np.random.Generator,
    *,
    resamples: int,
) -> tuple[PercentileInference | None, ...]:
    """Infer the q-quantiles of both sides and their differences by resampling whole clusters, paired.

    The standard error is the bootstrap's, widened by k / (k - 1) and judged by Student's t, for clusters are few.

    Args:
        champion: one entry a cluster.
        candidate: the same clusters in the same order.
        qs: each in (0, 1).
        rng: for the bootstrap.
        resamples: bootstrap draws.

    Returns:
        One for each q: None where a percentile is undefined or infinite, or there are fewer than 2 clusters.
    """
    k = len(champion)
    totals = [merge(side) for side in (champion, candidate)]
    if k < 2 or not all(total.count for total in totals):
        return (None,) * len(qs)
    sides = [(side.values, side.cluster) for side in map(ClusterDelays.of, (champion, candidate))]
    draws = resampled_quantiles(sides, k, qs, resamples, rng)
    found: list[PercentileInference | None] = []
    for i, q in enumerate(qs):
        a, b = (percentile(total, q) for total in totals)
        finite = np.isfinite(draws[:, :, i]).all(axis=0)
        if a is None or b is None or NEVER in (a, b) or finite.sum() < 0.9 * resamples:
            found.append(None)
            continue
        first, second = draws[0, finite, i], draws[1, finite, i]
        points = ((a, first), (b, second), (b - a, second - first))
        found.append(PercentileInference(*(_infer(point, drawn, k, resamples) for point, drawn in points)))
    return tuple(found)


def _infer(point: float, drawn: np.ndarray, k: int, resamples: int) -> Inference:
    error = float(drawn.std(ddof=1)) * math.sqrt(k / (k - 1))
    return Inference(point, error, StudentLaw(k - 1), f"cluster bootstrap, {resamples} resamples of {k} clusters")


def merge(delays: Sequence[Delays]) -> Delays:
    """The sum of many, in one sort."""
    observed = sorted(ns for one in delays for ns in one.observed_ns)
    return Delays(tuple(observed), sum(one.censored for one in delays))


def _ranked(delays: Delays, rank: int) -> float:
    return float(delays.observed_ns[rank - 1]) if rank <= len(delays.observed_ns) else NEVER

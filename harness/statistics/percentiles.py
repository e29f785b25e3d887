"""Percentiles of delays: exact order statistics, the least n that each needs, and cluster-aware differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

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
    clusters: int

    @classmethod
    def of(cls, by_cluster: Sequence[Sequence[Delays]]) -> ClusterDelays:
        """One entry a cluster, each of one or many cases."""
        found = [delays for cluster in by_cluster for delays in cluster]
        owner = np.repeat(np.arange(len(by_cluster)), [len(cluster) for cluster in by_cluster])
        sizes = np.array([len(delays.observed_ns) for delays in found], dtype=np.int64)
        values = np.fromiter(chain.from_iterable(d.observed_ns for d in found), np.float64, count=int(sizes.sum()))
        order = np.argsort(values, kind="stable")
        censored = np.repeat(owner, [delays.censored for delays in found])
        return cls(
            np.concatenate([values[order], np.full(len(censored), NEVER)]),
            np.concatenate([np.repeat(owner, sizes)[order], censored]),
            len(by_cluster),
        )

    def percentile(self, q: float) -> float | None:
        """The q-quantile of all; None and infinity as in ``percentile``."""
        if len(self.values) < minimum_n(q):
            return None
        return float(self.values[self._rank(q) - 1])

    def effective(self, q: float) -> float:
        """How many equally large clusters the tail beyond the q-quantile is worth, on its thinner side.

        A high percentile hangs on the few clusters that reach it, however many there are: (sum m)^2 / sum m^2 of the
        delays m of each cluster in the tail (Kish 1965).
        """
        found = self.values[self._rank(q) - 1]
        return min(self._worth(self.values >= found), self._worth(self.values <= found))

    def interval(self, q: float, level: float) -> tuple[float, float] | None:
        """A two-sided interval of the q-quantile: where the share of delays below it may lie, read off the delays.

        Source: Woodruff (JASA 1952), with the standard error of the share over clusters.

        Returns:
            None where it would reach beyond the sample or into the censored.
        """
        n, k = len(self.values), self.clusters
        below = (self.values <= self.values[self._rank(q) - 1]).astype(np.float64)
        share = np.bincount(self.cluster, below - below.mean(), minlength=k)
        error = math.sqrt(k / (k - 1) * float((share**2).sum())) / n
        reach = StudentLaw(_freedom(self.effective(q))).quantile(0.5 + level / 2) * error
        low, high = math.ceil((q - reach) * n), math.ceil((q + reach) * n)
        if low < 1 or high > n or self.values[high - 1] == NEVER:
            return None
        return float(self.values[low - 1]), float(self.values[high - 1])

    def _rank(self, q: float) -> int:
        return math.ceil(q * len(self.values))

    def _worth(self, members: np.ndarray) -> float:
        counts = np.bincount(self.cluster[members], minlength=self.clusters).astype(np.float64)
        return float(counts.sum() ** 2 / (counts**2).sum())


@dataclass(frozen=True, slots=True)
class PercentileInference:
    """One percentile of both sides and its difference, in nanoseconds; two-sided intervals of the sides."""

    champion: tuple[float, float] | None
    candidate: tuple[float, float] | None
    difference: Inference  # candidate - champion


def compare_percentiles(
    champion: ClusterDelays,
    candidate: ClusterDelays,
    qs: Sequence[float],
    rng: np.random.Generator,
    *,
    resamples: int,
    level: float = 0.95,
) -> tuple[PercentileInference | None, ...]:
    """Infer the q-quantiles of both sides and their differences by resampling whole clusters, paired.

    The standard error is the bootstrap's, widened by k / (k - 1), and judged by Student's t with as many degrees of
    freedom as the tail has effective clusters, less one.

    Args:
        champion: its delays.
        candidate: its delays, of the same clusters in the same order.
        qs: each in (0, 1).
        rng: for the bootstrap.
        resamples: bootstrap draws.
        level: of the sides' intervals.

    Returns:
        One for each q: None where a percentile is undefined or infinite, or there are fewer than 2 clusters.
    """
    k, sides = champion.clusters, (champion, candidate)
    if k < 2 or not all(len(side.values) for side in sides):
        return (None,) * len(qs)
    draws = resampled_quantiles([(side.values, side.cluster) for side in sides], k, qs, resamples, rng)
    found: list[PercentileInference | None] = []
    for i, q in enumerate(qs):
        a, b = (side.percentile(q) for side in sides)
        finite = np.isfinite(draws[:, :, i]).all(axis=0)
        if a is None or b is None or NEVER in (a, b) or finite.sum() < 0.9 * resamples:
            found.append(None)
            continue
        error = float((draws[1, finite, i] - draws[0, finite, i]).std(ddof=1)) * math.sqrt(k / (k - 1))
        freedom = _freedom(min(side.effective(q) for side in sides))
        method = f"cluster bootstrap, {resamples} resamples of {k} clusters, t with {freedom:.3g} degrees of freedom"
        difference = Inference(b - a, error, StudentLaw(freedom), method)
        found.append(PercentileInference(sides[0].interval(q, level), sides[1].interval(q, level), difference))
    return tuple(found)


def _freedom(effective: float) -> float:
    return max(effective - 1, 1.0)


def _ranked(delays: Delays, rank: int) -> float:
    return float(delays.observed_ns[rank - 1]) if rank <= len(delays.observed_ns) else NEVER

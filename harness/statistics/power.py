"""How small a difference the evidence can tell from none, and how much evidence a margin needs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

MOST_CLUSTERS = 10**9  # needing more than this is needing what nobody has


def minimal_detectable(error: float, freedom: float, alpha: float, power: float) -> float:
    """The smallest margin at which an equal candidate passes with probability ``power``.

    Equally, the smallest true worsening that is found with that probability.

    Args:
        error: standard error of the difference.
        freedom: degrees of freedom of the error, one less than there are independent units.
        alpha: one-sided.
        power: in (0, 1), e.g. 0.8.
    """
    return _multiple(freedom, alpha, power) * error


def _multiple(freedom: float, alpha: float, power: float) -> float:
    return float(special.stdtrit(freedom, 1 - alpha) + special.stdtrit(freedom, power))


@dataclass(frozen=True, slots=True)
class Precision:
    """How exactly a number of clusters tells a difference; more clusters of the same kind tell it better."""

    error: float  # standard error of the difference
    clusters: int

    @classmethod
    def of_detectable(cls, detectable: float, clusters: int, alpha: float, power: float) -> Precision:
        """From the minimal detectable difference that a comparison shows."""
        return cls(detectable / _multiple(clusters - 1, alpha, power), clusters)

    @classmethod
    def of_rates(cls, rate: float, shared: float, design_effect: float, total: float) -> Precision:
        """Of one cluster, from what is known of recognisers like these.

        Args:
            rate: the champion's errors per word.
            shared: share of the champion's errors that the candidate repeats; both err equally often.
            design_effect: how many times the variance exceeds that of independent words.
            total: words of a cluster.
        """
        return cls(math.sqrt(difference_variance(rate, shared) * design_effect / total), 1)

    def detectable(self, clusters: int, alpha: float, power: float) -> float:
        """The minimal detectable difference with so many clusters, at least 2."""
        return minimal_detectable(self.error * math.sqrt(self.clusters / clusters), clusters - 1, alpha, power)

    def clusters_for(self, margin: float, alpha: float, power: float) -> int | None:
        """The least clusters with which an equal candidate passes a margin with probability ``power``.

        Returns:
            None where more than ``MOST_CLUSTERS`` would be needed; at least 2 otherwise.
        """
        low, high = 1, 2
        while self.detectable(high, alpha, power) > margin:
            low, high = high, 2 * high
            if high > MOST_CLUSTERS:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.detectable(middle, alpha, power) <= margin else (middle, high)
        return high


def difference_variance(rate: float, shared: float) -> float:
    """Variance per word of the difference of two recognisers that err equally often: 2 W (1 - s).

    Errors are taken as single and rare: of W errors a word, s W are common to both and cancel.
    """
    return 2 * rate * (1 - shared)


def shared_errors(variance: float, rate: float) -> float:
    """The share of common errors that explains a variance per word; the inverse of ``difference_variance``.

    Args:
        variance: per word, of the difference.
        rate: mean of both sides' errors per word, above 0.

    Returns:
        At most 1; below 0 where errors come in bursts, so that the sides differ more than unrelated ones would.
    """
    return 1 - variance / (2 * rate)

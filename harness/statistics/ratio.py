"""The paired difference of two pooled ratios over clusters.

The statistic is  sum(errors_B) / sum(total_B) - weight * sum(errors_A) / sum(total_A),  where sums run over clusters.
With weight 1 it is the plain difference; with weight 1 + m it is below 0 exactly when B is at most a share m worse than
A, so that a relative margin accounts for the uncertainty of A's own rate.

Source: Bisani & Ney (ICASSP 2004) for the bootstrap of error rates; Liu & Peng (arXiv 1912.09508) for blocks;
Efron & Tibshirani (1993) section 12.5 for bootstrap-t; Cochran (1977) section 6 for the linearised ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.statistics.inference import DrawnLaw, Inference, StudentLaw
from harness.statistics.resampling import resampled_sums

FEW_CLUSTERS = 20  # below: Student's t over linearised cluster differences, for the bootstrap itself needs many
MANY_CLUSTERS = 2_000  # above: t again, for the two agree and t is immediate


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums:
    """Errors and totals of both sides, one row a cluster: columns errors A, total A, errors B, total B."""

    table: np.ndarray  # (clusters, 4) float64

    @property
    def clusters(self) -> int:
        return int(self.table.shape[0])

    def rates(self) -> tuple[float | None, float | None]:
        """Pooled rates of A and B."""
        ea, na, eb, nb = self.table.sum(axis=0)
        return (float(ea / na) if na else None, float(eb / nb) if nb else None)


def compare_ratios(
    sums: ClusterSums, rng: np.random.Generator, *, weight: float = 1.0, resamples: int = 10_000
) -> Inference | None:
    """Infer B's rate - ``weight`` * A's rate.

    Args:
        sums: per cluster.
        rng: for the bootstrap.
        weight: 1, or 1 + a relative margin.
        resamples: bootstrap draws.

    Returns:
        None where a rate is undefined or there are fewer than 2 clusters.
    """
    if sums.clusters < 2 or None in sums.rates():
        return None
    k, columns = sums.clusters, _with_products(sums.table)
    estimate, error = (float(x[0]) for x in _linearised(columns.sum(axis=0)[None], k, weight))
    if error == 0 or not FEW_CLUSTERS <= k <= MANY_CLUSTERS:
        return Inference(estimate, error, StudentLaw(k - 1), f"t over {k} cluster differences")
    draws = _studentised(columns, estimate, weight, rng, resamples)
    return Inference(estimate, error, DrawnLaw(draws, k - 1), f"bootstrap-t, {resamples} resamples of {k} clusters")


def standard_error(sums: ClusterSums) -> float | None:
    """The standard error of B's rate - A's rate; None where it is undefined."""
    if sums.clusters < 2 or None in sums.rates():
        return None
    return float(_linearised(_with_products(sums.table).sum(axis=0)[None], sums.clusters, 1.0)[1][0])


def one_rate(errors_and_totals: np.ndarray) -> Inference | None:
    """Infer one pooled ratio; ``errors_and_totals`` is (clusters, 2)."""
    padded = np.hstack([np.zeros_like(errors_and_totals), errors_and_totals])
    padded[:, 1] = 1.0
    if len(padded) < 2 or not errors_and_totals[:, 1].sum():
        return None
    columns = _with_products(padded).sum(axis=0)[None]
    estimate, error = (float(x[0]) for x in _linearised(columns, len(padded), 1.0))
    return Inference(estimate, error, StudentLaw(len(padded) - 1), f"t over {len(padded)} clusters")


def _studentised(
    columns: np.ndarray, estimate: float, weight: float, rng: np.random.Generator, resamples: int
) -> np.ndarray:
    drawn, error = _linearised(resampled_sums(columns, resamples, rng), len(columns), weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = (drawn - estimate) / error
    # A draw without a denominator or without spread says nothing about the law; 0/0 and x/0 are left out.
    return np.sort(draws[np.isfinite(draws)])


_FIRST, _SECOND = np.triu_indices(4)  # the pairs of columns of which the square of a sum consists
_TIMES = np.where(_FIRST == _SECOND, 1.0, 2.0)


def _with_products(table: np.ndarray) -> np.ndarray:
    """The four columns and their ten products (clusters, 14): sums of these are all that an error needs."""
    return np.hstack([table, table[:, _FIRST] * table[:, _SECOND]])


def _linearised(sums: np.ndarray, k: int, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and standard error of the statistic for each row of column sums over ``k`` clusters (draws, 14).

    The error is the root of the sum of squared linearised cluster contributions
    z = (eB - rB nB)/NB - w (eA - rA nA)/NA, the square expanded into products of the four columns.
    """
    squares = sums[:, 4:]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate_a, rate_b = sums[:, 0] / sums[:, 1], sums[:, 2] / sums[:, 3]
        a, b = weight / sums[:, 1], 1 / sums[:, 3]
        coefficients = np.stack([-a, a * rate_a, b, -b * rate_b], axis=1)
        terms = coefficients[:, _FIRST] * coefficients[:, _SECOND] * _TIMES * squares
        variance = terms.sum(axis=1) * k / (k - 1)
        estimate = rate_b - weight * rate_a
    # Cancellation leaves dust where the sides agree everywhere: below the rounding of its own terms it is zero.
    dust = 1e-12 * np.abs(terms).sum(axis=1)
    return estimate, np.sqrt(np.where(variance > dust, variance, 0.0))

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

FEW_CLUSTERS = 20  # below: Student's t over linearised cluster differences, for the bootstrap itself needs many
MANY_CLUSTERS = 2_000  # above: t again, for the two agree and t is immediate
_CHUNK = 4_000_000  # numbers held at once while drawing


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
    estimate, error = (float(x[0]) for x in _linearised(sums.table, np.ones((1, sums.clusters)), weight))
    k = sums.clusters
    if error == 0 or not FEW_CLUSTERS <= k <= MANY_CLUSTERS:
        return Inference(estimate, error, StudentLaw(k - 1), f"t over {k} cluster differences")
    draws = _studentised(sums.table, estimate, weight, rng, resamples)
    return Inference(estimate, error, DrawnLaw(draws), f"bootstrap-t, {resamples} resamples of {k} clusters")


def one_rate(errors_and_totals: np.ndarray) -> Inference | None:
    """Infer one pooled ratio; ``errors_and_totals`` is (clusters, 2)."""
    padded = np.hstack([np.zeros_like(errors_and_totals), errors_and_totals])
    padded[:, 1] = 1.0
    if len(padded) < 2 or not errors_and_totals[:, 1].sum():
        return None
    estimate, error = (float(x[0]) for x in _linearised(padded, np.ones((1, len(padded))), 1.0))
    return Inference(estimate, error, StudentLaw(len(padded) - 1), f"t over {len(padded)} clusters")


def _studentised(
    table: np.ndarray, estimate: float, weight: float, rng: np.random.Generator, resamples: int
) -> np.ndarray:
    k = len(table)
    parts, step = [], max(_CHUNK // k, 1)
    for start in range(0, resamples, step):
        counts = rng.multinomial(k, np.full(k, 1 / k), size=min(step, resamples - start))
        drawn, error = _linearised(table, counts.astype(np.float64), weight)
        with np.errstate(divide="ignore", invalid="ignore"):
            parts.append((drawn - estimate) / error)
    # A draw without a denominator or without spread says nothing about the law; 0/0 and x/0 are left out.
    draws = np.concatenate(parts)
    return np.sort(draws[np.isfinite(draws)])


def _linearised(table: np.ndarray, counts: np.ndarray, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and standard error of the statistic for each row of cluster multiplicities (draws, clusters).

    The error is the root of the sum of squared linearised cluster contributions
    z = (eB - rB nB)/NB - w (eA - rA nA)/NA; the square is expanded into products of the four columns, so that all
    draws are two matrix products.
    """
    k = table.shape[0]
    first, second = np.triu_indices(4)
    products = table[:, first] * table[:, second]
    sums, squares = counts @ table, counts @ products
    with np.errstate(divide="ignore", invalid="ignore"):
        rate_a, rate_b = sums[:, 0] / sums[:, 1], sums[:, 2] / sums[:, 3]
        a, b = weight / sums[:, 1], 1 / sums[:, 3]
        coefficients = np.stack([-a, a * rate_a, b, -b * rate_b], axis=1)
        twice = np.where(first == second, 1.0, 2.0)
        variance = (coefficients[:, first] * coefficients[:, second] * twice * squares).sum(axis=1) * k / (k - 1)
        estimate = rate_b - weight * rate_a
    # Cancellation leaves dust where the sides agree everywhere: below the rounding of its own terms it is zero.
    dust = 1e-12 * (np.abs(coefficients[:, first] * coefficients[:, second]) * twice * squares).sum(axis=1)
    return estimate, np.sqrt(np.where(variance > dust, variance, 0.0))

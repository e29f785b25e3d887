"""Resampled clusters: what they add up to, and where quantiles of their values lie; compiled where that pays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_COMPILED_FROM = 1_000_000  # picks or counted values; fewer are done sooner than the compiled kernel is loaded
_HELD = 1_000_000  # multiplicities held at once


def resampled_sums(table: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Sums (resamples, W) of the rows of ``table`` (clusters, W), as many rows picked each time as there are.

    Args:
        table: one row a cluster.
        resamples: draws.
        rng: gives one seed for all draws.
    """
    if len(table) * resamples < _COMPILED_FROM:
        from kernels.resampling.reference import resampled_sums as draw
    else:
        from kernels.resampling.cpu import resampled_sums as draw
    return draw(table, resamples, _seed(rng))


def resampled_quantiles(
    sides: Sequence[tuple[np.ndarray, np.ndarray]],
    clusters: int,
    qs: Sequence[float],
    resamples: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Quantiles (sides, resamples, qs); every side sees the same clusters in a draw; NaN where a draw has no values.

    Args:
        sides: for each side its values ascending, and the cluster of each, (n,) and (n,) int64.
        clusters: how many there are.
        qs: each in (0, 1).
        resamples: draws.
        rng: gives one seed for all draws.
    """
    longest = max(len(values) for values, _ in sides)
    if longest * resamples < _COMPILED_FROM:
        from kernels.resampling.reference import multiplicities, quantile_places
    else:
        from kernels.resampling.cpu import multiplicities, quantile_places
    wanted = np.asarray(qs, dtype=np.float64)
    seed, step = _seed(rng), max(_HELD // clusters, 1)
    found = np.empty((len(sides), resamples, len(qs)))
    for first in range(0, resamples, step):
        counts = multiplicities(clusters, min(step, resamples - first), seed, first)
        for side, (values, owner) in enumerate(sides):
            places = quantile_places(owner, counts, wanted)
            found[side, first : first + len(counts)] = np.append(values, np.nan)[places]  # -1 is the last: not a number
    return found


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**64, dtype=np.uint64))

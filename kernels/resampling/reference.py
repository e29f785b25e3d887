"""Resampling in plain numpy, the truth of this kernel; see the package for the contract."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.resampling import FIRST_MIX, GOLDEN, SECOND_MIX


def multiplicities(k: int, draws: int, seed: int, first: int = 0) -> NDArray[np.float64]:
    """How often each cluster is drawn.

    Args:
        k: clusters, and picks a draw.
        draws: rows.
        seed: in [0, 2**64).
        first: number of the first draw.
    """
    half = (k + 1) // 2
    numbers = np.arange(first * half, (first + draws) * half, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (numbers + np.uint64(1)) * np.uint64(GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(FIRST_MIX)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(SECOND_MIX)
        z ^= z >> np.uint64(31)
    halves = np.stack([z >> np.uint64(32), z & np.uint64(0xFFFFFFFF)], axis=-1).reshape(draws, 2 * half)[:, :k]
    picks = ((halves * np.uint64(k)) >> np.uint64(32)).astype(np.int64)
    places = picks + np.arange(draws)[:, None] * k
    return np.bincount(places.ravel(), minlength=draws * k).reshape(draws, k).astype(np.float64)


def resampled_sums(table: NDArray[np.float64], draws: int, seed: int, first: int = 0) -> NDArray[np.float64]:
    """What the drawn rows of ``table`` (k, W) add up to."""
    sums: NDArray[np.float64] = multiplicities(len(table), draws, seed, first) @ table
    return sums


def quantile_places(
    owner: NDArray[np.int64], counts: NDArray[np.float64], qs: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Where the quantiles lie among ascending values, each counted as often as its cluster was drawn."""
    if not len(owner):
        return np.full((len(counts), len(qs)), -1, dtype=np.int64)
    weights = np.cumsum(counts[:, owner], axis=1)
    ranks = np.maximum(np.ceil(weights[:, -1:] * qs), 1.0)
    places = np.stack([(weights < ranks[:, i : i + 1]).sum(axis=1) for i in range(len(qs))], axis=1)
    return np.where(weights[:, -1:] > 0, places, -1)

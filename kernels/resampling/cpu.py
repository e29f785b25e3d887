"""Resampling compiled by numba; see the package for the contract."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner
from kernels.resampling import FIRST_MIX, GOLDEN, SECOND_MIX

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_GOLDEN = np.uint64(GOLDEN)
_FIRST_MIX, _SECOND_MIX = np.uint64(FIRST_MIX), np.uint64(SECOND_MIX)
_27, _30, _31, _32 = (np.uint64(bits) for bits in (27, 30, 31, 32))
_LOW = np.uint64(0xFFFFFFFF)
_LEAST_BLOCK = 64  # values


def multiplicities(k: int, draws: int, seed: int, first: int = 0) -> F64:
    """How often each cluster is drawn: the reference's bytes."""
    counts = np.empty((draws, k))
    _count_all(counts, np.uint64(seed), np.uint64(first))
    return counts


def resampled_sums(table: F64, draws: int, seed: int, first: int = 0) -> F64:
    """What the drawn rows add up to: the reference's bytes where all sums are integers below 2**53."""
    sums = np.empty((draws, table.shape[1]))
    _add_all(np.ascontiguousarray(table, dtype=np.float64), sums, np.uint64(seed), np.uint64(first))
    return sums


def quantile_places(owner: I64, counts: F64, qs: F64) -> I64:
    """Where the quantiles lie among ascending values: the same as the reference's.

    Blocks of as many values as there are clusters are stepped over by binary search: a draw's weight below a block is
    the product of its counts with the values that each cluster has there.
    """
    places = np.full((len(counts), len(qs)), -1, dtype=np.int64)
    if len(owner):
        below = _below_blocks(owner, counts.shape[1], max(counts.shape[1], _LEAST_BLOCK))
        _find_all(owner, below, max(counts.shape[1], _LEAST_BLOCK), counts, qs, places)
    return places


@compiled
def _count_all(counts: F64, seed: np.uint64, first: np.uint64) -> None:
    for draw in range(len(counts)):
        _count(counts[draw], seed, first + np.uint64(draw))


@compiled
def _add_all(table: F64, sums: F64, seed: np.uint64, first: np.uint64) -> None:
    k, width = table.shape
    counts = np.empty(k)
    for draw in range(len(sums)):
        _count(counts, seed, first + np.uint64(draw))
        total = sums[draw]
        total[:] = 0.0
        for row in range(k):
            times = counts[row]
            for column in range(width):
                total[column] += times * table[row, column]


@inner
def _count(counts: F64, seed: np.uint64, draw: np.uint64) -> None:
    k = len(counts)
    counts[:] = 0.0
    scale = np.uint64(k)
    state = seed + draw * np.uint64((k + 1) // 2) * _GOLDEN
    for pair in range((k + 1) // 2):
        state += _GOLDEN
        z = (state ^ (state >> _30)) * _FIRST_MIX
        z = (z ^ (z >> _27)) * _SECOND_MIX
        z ^= z >> _31
        counts[((z >> _32) * scale) >> _32] += 1.0
        if 2 * pair + 1 < k:
            counts[((z & _LOW) * scale) >> _32] += 1.0


@compiled
def _below_blocks(owner: I64, clusters: int, size: int) -> F64:
    """How many values each cluster has before each block, and in all: (blocks + 1, clusters)."""
    blocks = (len(owner) + size - 1) // size
    below = np.zeros((blocks + 1, clusters))
    for block in range(blocks):
        below[block + 1] = below[block]
        for value in range(block * size, min((block + 1) * size, len(owner))):
            below[block + 1, owner[value]] += 1.0
    return below


@compiled
def _find_all(owner: I64, below: F64, size: int, counts: F64, qs: F64, places: I64) -> None:
    last = len(below) - 1
    for draw in range(len(counts)):
        row = counts[draw]
        total = _weight(below[last], row)
        if total == 0.0:
            continue
        for i in range(len(qs)):
            rank = max(np.ceil(qs[i] * total), 1.0)
            low, high = 0, last  # fewer than ``rank`` lie before block ``low``, at least as many before ``high``
            while high - low > 1:
                middle = (low + high) // 2
                if _weight(below[middle], row) < rank:
                    low = middle
                else:
                    high = middle
            reached, value = _weight(below[low], row), low * size - 1
            while reached < rank:
                value += 1
                reached += row[owner[value]]
            places[draw, i] = value


@inner
def _weight(values: F64, row: F64) -> float:
    weight = 0.0
    for cluster in range(len(row)):
        weight += values[cluster] * row[cluster]
    return weight

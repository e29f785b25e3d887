"""The band alone, compiled by numba; see the package for the contract."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled
from kernels.timed_edit_distance import Words

I64: TypeAlias = NDArray[np.int64]

_DELETE, _INSERT, _PAIR = 0, 1, 2


@compiled
def distance(reference: Words, hypothesis: Words, first: I64, last: I64) -> int:
    """Fewest errors; one row of memory.

    Args:
        first: (R,) hypothesis words before the band of a reference word.
        last: (R,) hypothesis words up to its end.
    """
    size = len(hypothesis.ids)
    row = np.arange(size + 1)
    filled = size
    for i in range(len(reference.ids)):
        low, high = first[i], last[i]
        for j in range(filled + 1, high + 1):  # no earlier word reached so far: only insertions lead there
            row[j] = row[j - 1] + 1
        filled = high
        word, start, end = reference.ids[i], reference.start[i], reference.end[i]
        diagonal = row[low]
        row[low] += 1
        for j in range(low + 1, high + 1):
            above = row[j]
            cost = min(above, row[j - 1]) + 1
            if start < hypothesis.end[j - 1] and hypothesis.start[j - 1] < end:
                cost = min(cost, diagonal + (word != hypothesis.ids[j - 1]))
            row[j] = cost
            diagonal = above
    errors: int = row[filled] + size - filled
    return errors


@compiled
def pairing(reference: Words, hypothesis: Words, first: I64, last: I64) -> NDArray[np.int32]:
    """(R,) the hypothesis word of each reference word, or -1; one byte of memory for each cell of the band."""
    count, size = len(reference.ids), len(hypothesis.ids)
    offsets = np.zeros(count + 1, np.int64)
    offsets[1:] = np.cumsum(last - first + 1)
    moves = np.zeros(offsets[count], np.uint8)
    row = np.arange(size + 1)
    filled = size
    for i in range(count):
        low, high = first[i], last[i]
        for j in range(filled + 1, high + 1):
            row[j] = row[j - 1] + 1
        filled = high
        word, start, end = reference.ids[i], reference.start[i], reference.end[i]
        diagonal = row[low]
        row[low] += 1
        for j in range(low + 1, high + 1):
            above = row[j]
            cost, move = row[j - 1] + 1, _INSERT
            if above + 1 < cost:
                cost, move = above + 1, _DELETE
            if start < hypothesis.end[j - 1] and hypothesis.start[j - 1] < end:
                paired = diagonal + (word != hypothesis.ids[j - 1])
                if paired < cost:
                    cost, move = paired, _PAIR
            row[j] = cost
            moves[offsets[i] + j - low] = move
            diagonal = above
    found = np.full(count, -1, np.int32)
    i, j = count - 1, size
    while i >= 0:
        j = min(j, last[i])
        move = moves[offsets[i] + j - first[i]]
        if move == _INSERT:
            j -= 1
        else:
            if move == _PAIR:
                j -= 1
                found[i] = j
            i -= 1
    return found

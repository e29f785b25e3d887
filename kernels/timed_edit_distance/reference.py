"""The truth: the whole matrix, cell by cell; see the package for the contract."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.timed_edit_distance import Words


def distance(reference: Words, hypothesis: Words) -> int:
    """Fewest errors."""
    return _matrix(reference, hypothesis)[-1][-1]


def pairing(reference: Words, hypothesis: Words) -> NDArray[np.int32]:
    """(R,) the hypothesis word of each reference word, or -1, walking back from the end."""
    matrix = _matrix(reference, hypothesis)
    allowed = _allowed(reference, hypothesis)
    found = np.full(len(reference.ids), -1, np.int32)
    i, j = len(reference.ids), len(hypothesis.ids)
    while i and j:
        deletion, insertion = matrix[i - 1][j] + 1, matrix[i][j - 1] + 1
        if allowed[i - 1][j - 1] and matrix[i][j] < min(deletion, insertion):
            i, j = i - 1, j - 1
            found[i] = j
        elif deletion < insertion:
            i -= 1
        else:
            j -= 1
    return found


def _allowed(reference: Words, hypothesis: Words) -> list[list[bool]]:
    before = reference.start[:, None] < hypothesis.end[None, :]
    after = hypothesis.start[None, :] < reference.end[:, None]
    found: list[list[bool]] = (before & after).tolist()
    return found


def _matrix(reference: Words, hypothesis: Words) -> list[list[int]]:
    """(R + 1, H + 1) the distance of every pair of beginnings."""
    truth, heard = reference.ids.tolist(), hypothesis.ids.tolist()
    rows = [list(range(len(heard) + 1))]
    for word, row_allowed in zip(truth, _allowed(reference, hypothesis), strict=True):
        above = rows[-1]
        row = [above[0] + 1]
        for j, other in enumerate(heard):
            cost = min(above[j + 1], row[j]) + 1
            if row_allowed[j]:
                cost = min(cost, above[j] + (word != other))
            row.append(cost)
        rows.append(row)
    return rows

"""The plain edit script: every distance in a table, then back from the end. See the package for the contract.

Source: Wagner and Fischer, "The String-to-String Correction Problem" (JACM 21, 1974).
"""

from __future__ import annotations

from collections.abc import Sequence

from kernels.edit_distance import DELETE, EQUAL, INSERT, SUBSTITUTE


def script(reference: Sequence[int], hypothesis: Sequence[int]) -> list[int]:
    """The codes of one pair, in order."""
    first = _common(reference, hypothesis)
    a, b = reference[first:], hypothesis[first:]
    last = _common(a[::-1], b[::-1])
    a, b = a[: len(a) - last], b[: len(b) - last]
    return [EQUAL] * first + _traced(a, b, distances(a, b)) + [EQUAL] * last


def distances(reference: Sequence[int], hypothesis: Sequence[int]) -> list[list[int]]:
    """``table[i][j]``: edits between the first i tokens of one and the first j of the other."""
    table = [list(range(len(hypothesis) + 1))]
    for i, token in enumerate(reference, 1):
        row = [i]
        for j, other in enumerate(hypothesis, 1):
            row.append(min(table[-1][j] + 1, row[-1] + 1, table[-1][j - 1] + (token != other)))
        table.append(row)
    return table


def _traced(reference: Sequence[int], hypothesis: Sequence[int], table: list[list[int]]) -> list[int]:
    codes: list[int] = []
    i, j = len(reference), len(hypothesis)
    while i and j:
        if table[i][j] == table[i - 1][j] + 1:
            codes.append(DELETE)
            i -= 1
        elif table[i][j - 1] == table[i - 1][j - 1] - 1:
            codes.append(INSERT)
            j -= 1
        else:
            codes.append(EQUAL if reference[i - 1] == hypothesis[j - 1] else SUBSTITUTE)
            i, j = i - 1, j - 1
    codes += [DELETE] * i + [INSERT] * j
    return codes[::-1]


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count

"""The cheapest edit script in which words may face each other only while their times overlap.

Contract (m reference words, n hypothesis words, both in their order; times in any one unit):

    start, end      of each word; two words may face each other where start < other's end and end > other's start
    first, last     (m,) cells of row i are columns first[i] to last[i], both included; neither ever falls
    offset          (m,) where the moves of row i begin

Outside of its columns a row is never needed: a hypothesis word before ``first[i]`` ends before this reference word and
all later ones begin, one at or after ``last[i]`` begins after this and all earlier ones end. Costs are 1 for every step
that is not EQUAL. Both sides advance only where that is cheaper than either alternative; then DELETE where it is
cheaper than INSERT; else INSERT (meeteval's order, so that its counts result).

Plain Python over flat sequences, as in ``network``; ``fast`` compiles it.

Source: von Neumann et al., "MeetEval: A Toolkit for Computation of Word Error Rates for Meeting Transcription Systems"
(CHiME 2023), time-constrained Levenshtein distance.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from kernels.edit_distance import DELETE, EQUAL, INSERT, SUBSTITUTE

Numbers = Sequence[int]
Room = MutableSequence[int]


def fill_timed(
    a: Numbers,
    a_start: Numbers,
    a_end: Numbers,
    b: Numbers,
    b_start: Numbers,
    b_end: Numbers,
    first: Numbers,
    last: Numbers,
    offset: Numbers,
    row: Room,
    moves: Room,
) -> None:
    """Find the move into every cell.

    Args:
        a, a_start, a_end: tokens and times of the reference.
        b, b_start, b_end: likewise of the hypothesis.
        first, last, offset: the cells.
        row: (n + 1,) scratch.
        moves: out: a code a cell.
    """
    row[0] = upto = 0
    for i in range(len(a)):
        for column in range(upto + 1, last[i] + 1):
            row[column] = row[column - 1] + 1
        upto = last[i]
        diagonal = row[first[i]]
        row[first[i]] = diagonal + 1
        moves[offset[i]] = DELETE
        for column in range(first[i] + 1, last[i] + 1):
            j = column - 1
            deleted, inserted = row[column] + 1, row[j] + 1
            paired = diagonal + (0 if a[i] == b[j] else 1)
            diagonal = row[column]
            if paired < min(deleted, inserted) and a_start[i] < b_end[j] and a_end[i] > b_start[j]:
                row[column] = paired
                moves[offset[i] + column - first[i]] = EQUAL if a[i] == b[j] else SUBSTITUTE
            elif deleted < inserted:
                row[column] = deleted
                moves[offset[i] + column - first[i]] = DELETE
            else:
                row[column] = inserted
                moves[offset[i] + column - first[i]] = INSERT


def trace_timed(first: Numbers, last: Numbers, offset: Numbers, columns: int, moves: Numbers, codes: Room) -> int:
    """Follow the moves back from the end.

    Args:
        first, last, offset, moves: from ``fill_timed``.
        columns: n.
        codes: (m + n,) out: the script, last step first.

    Returns:
        How many steps there are.
    """
    i, column, steps = len(first), columns, 0
    while i > 0 or column > 0:
        code = INSERT
        if i > 0 and column <= last[i - 1]:
            code = moves[offset[i - 1] + column - first[i - 1]]
        codes[steps] = code
        steps += 1
        i -= code != INSERT
        column -= code != DELETE
    return steps

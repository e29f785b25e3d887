"""Bit-parallel edit scripts of many pairs, compiled by numba; see the package for the contract.

One machine word holds 64 rows of the table as differences of +1 or -1 between neighbours; longer references take
several words, with carries. The differences of every column are kept, a bit each, and the script is read from them.

Source: Myers, "A Fast Bit-Vector Algorithm for Approximate String Matching" (JACM 46, 1999); Hyyrö, "A Bit-Vector
Algorithm for Computing Levenshtein and Damerau Edit Distances" (Nordic Journal of Computing 10, 2003).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner
from kernels.edit_distance import DELETE, EQUAL, INSERT, SUBSTITUTE

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]

WORD = 64
LONGEST = 4096  # tokens of a reference; longer pairs want an algorithm in linear memory
CELLS = 1 << 22  # rows times columns stay below it, likewise: the kept bits take CELLS / 4 bytes

_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_TOP = np.uint64(63)


class Scratch(NamedTuple):
    """Working memory of one thread."""

    local: I32  # (V,) a token's number within the pair's reference, else -1
    matches: U64  # (tokens of the reference, words) where the reference has the token
    plus: U64  # (columns, words) the distance grows downwards
    minus: U64  # (columns, words) it shrinks


def scratch(vocabulary: int, longest_reference: int, longest_hypothesis: int) -> Scratch:
    """Working memory for pairs up to these lengths; nothing is allocated afterwards."""
    words = max((longest_reference + WORD - 1) // WORD, 1)
    rows, columns = max(longest_reference, 1) + 1, max(longest_hypothesis, 1)
    return Scratch(
        np.full(vocabulary, -1, np.int32),
        np.zeros((rows, words), np.uint64),
        np.empty((columns, words), np.uint64),
        np.empty((columns, words), np.uint64),
    )


@compiled
def scripts(
    reference: I32, reference_begin: I64, hypothesis: I32, hypothesis_begin: I64, chosen: I64, memory: Scratch,
    counts: I32, codes: U8, ends: I64,
) -> int:  # fmt: skip
    """Align the chosen pairs.

    Args:
        reference, reference_begin, hypothesis, hypothesis_begin: the pairs.
        chosen: (C,) which pairs to align, at most LONGEST reference tokens each.
        memory: scratch for the longest of them.
        counts: (P, 4) out: steps of each code.
        codes: out: scripts of the chosen pairs, one after the other; one place for each token of both sides.
        ends: (C,) out: where each chosen pair's script ends.

    Returns:
        Codes written.
    """
    written = 0
    for index in range(len(chosen)):
        pair = chosen[index]
        a = reference[reference_begin[pair] : reference_begin[pair + 1]]
        b = hypothesis[hypothesis_begin[pair] : hypothesis_begin[pair + 1]]
        written = _align(a, b, memory, counts[pair], codes, written)
        ends[index] = written
    return written


@inner
def _align(a: I32, b: I32, memory: Scratch, counts: I32, codes: U8, written: int) -> int:
    first, m, n = 0, len(a), len(b)
    while first < m and first < n and a[first] == b[first]:
        first += 1
    last = 0
    while last < m - first and last < n - first and a[m - 1 - last] == b[n - 1 - last]:
        last += 1
    for _ in range(first):
        codes[written] = EQUAL
        written += 1
    middle = written
    if m - last > first and n - last > first:
        if m - last - first <= WORD:
            _columns_of_one_word(a[first : m - last], b[first : n - last], memory)
        else:
            _columns(a[first : m - last], b[first : n - last], memory)
    written = _trace(a[first : m - last], b[first : n - last], memory, codes, written)
    for _ in range(last):
        codes[written] = EQUAL
        written += 1
    counts[EQUAL] += first + last
    for place in range(middle, written - last):
        counts[codes[place]] += 1
    return written


@inner
def _columns_of_one_word(a: I32, b: I32, memory: Scratch) -> None:
    local, matches = memory.local, memory.matches
    matches[0, 0] = 0  # of tokens that the reference lacks
    for i in range(len(a)):
        if local[a[i]] < 0:
            local[a[i]] = i + 1
            matches[i + 1, 0] = 0
        matches[local[a[i]], 0] |= _ONE << np.uint64(i)
    plus, minus = _ALL, np.uint64(0)
    for j in range(len(b)):
        x = matches[max(local[b[j]], 0), 0]
        diagonal = (((x & plus) + plus) ^ plus) | x | minus
        right = minus | ~(diagonal | plus)
        left = diagonal & plus
        right = (right << _ONE) | _ONE
        plus = (left << _ONE) | ~(diagonal | right)
        minus = right & diagonal
        memory.plus[j, 0] = plus
        memory.minus[j, 0] = minus
    for i in range(len(a)):
        local[a[i]] = -1


@inner
def _columns(a: I32, b: I32, memory: Scratch) -> None:
    local, matches = memory.local, memory.matches
    words = (len(a) + WORD - 1) // WORD
    for w in range(words):
        matches[0, w] = 0  # of tokens that the reference lacks
    for i in range(len(a)):
        if local[a[i]] < 0:
            local[a[i]] = i + 1
            for w in range(words):
                matches[i + 1, w] = 0
        matches[local[a[i]], i // WORD] |= _ONE << np.uint64(i % WORD)
    for j in range(len(b)):
        row = matches[max(local[b[j]], 0)]
        carry_right, carry_left = _ONE, np.uint64(0)
        for w in range(words):
            plus = memory.plus[j - 1, w] if j else _ALL
            minus = memory.minus[j - 1, w] if j else np.uint64(0)
            x = row[w] | carry_left
            diagonal = (((x & plus) + plus) ^ plus) | x | minus
            right = minus | ~(diagonal | plus)
            left = diagonal & plus
            shifted = (right << _ONE) | carry_right
            carry_right = right >> _TOP
            memory.plus[j, w] = (left << _ONE) | carry_left | ~(diagonal | shifted)
            carry_left = left >> _TOP
            memory.minus[j, w] = shifted & diagonal
    for i in range(len(a)):
        local[a[i]] = -1


@inner
def _trace(a: I32, b: I32, memory: Scratch, codes: U8, written: int) -> int:
    """Write the script backwards from its end, then turn it round."""
    i, j, place = len(a), len(b), written
    while i > 0 and j > 0:
        w, bit = (i - 1) // WORD, np.uint64((i - 1) % WORD)
        if (memory.plus[j - 1, w] >> bit) & _ONE:
            codes[place] = DELETE
            i -= 1
        elif j > 1 and (memory.minus[j - 2, w] >> bit) & _ONE:
            codes[place] = INSERT
            j -= 1
        else:
            codes[place] = EQUAL if a[i - 1] == b[j - 1] else SUBSTITUTE
            i -= 1
            j -= 1
        place += 1
    for _ in range(i):
        codes[place] = DELETE
        place += 1
    for _ in range(j):
        codes[place] = INSERT
        place += 1
    for step in range((place - written) // 2):
        early, late = written + step, place - 1 - step
        codes[early], codes[late] = codes[late], codes[early]
    return place

"""Plain and compiled timed alignment do the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.edit_distance import DELETE, INSERT, fast, timed

words = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(1, 9)), max_size=8)
Words = list[tuple[int, int, int]]


def script(reference: Words, hypothesis: Words, compile: bool) -> list[int]:
    """The codes with every column of every row allowed."""
    m, n = len(reference), len(hypothesis)
    sides = [
        [[t for t, _, _ in side], [s for _, s, _ in side], [s + d for _, s, d in side]]
        for side in (reference, hypothesis)
    ]
    given_ = [*sides[0], *sides[1], [0] * m, [n] * m, [(n + 1) * i for i in range(m)]]
    sizes = n + 1, m * (n + 1), m + n
    if compile:
        arrays = [np.array(part, np.int64) for part in given_]
        row, moves, codes = (
            np.zeros(size, kind) for size, kind in zip(sizes, (np.int64, np.uint8, np.uint8), strict=True)
        )
        fast.fill_timed(*arrays, row, moves)
        return codes[: fast.trace_timed(*arrays[-3:], n, moves, codes)][::-1].tolist()
    room, kept, found = ([0] * size for size in sizes)
    timed.fill_timed(*given_, room, kept)
    return found[: timed.trace_timed(*given_[-3:], n, kept, found)][::-1]


@settings(max_examples=60, deadline=None)
@given(words, words)
def test_compiled_equals_plain(reference: Words, hypothesis: Words) -> None:
    codes = script(reference, hypothesis, compile=False)
    assert sum(code != INSERT for code in codes) == len(reference)
    assert sum(code != DELETE for code in codes) == len(hypothesis)
    assert script(reference, hypothesis, compile=True) == codes

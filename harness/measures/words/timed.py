"""Alignment by words and times: words may face each other only where they were spoken at about the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.errors import EvidenceError
from harness.measures.counts import WordErrors
from harness.measures.words.alignment import Step
from kernels.edit_distance import DELETE, EQUAL, INSERT, SUBSTITUTE, timed
from testsets.transcript import Word

I64 = NDArray[np.int64]
R = TypeVar("R")

_FEW_CELLS = 50_000  # for which loading the compiled kernel does not pay
_MOST_CELLS = 500_000_000  # a byte each
_KINDS = {EQUAL: "equal", SUBSTITUTE: "substitute", DELETE: "delete", INSERT: "insert"}


def align_timed(reference: Sequence[Word], hypothesis: Sequence[Word], collar: int) -> tuple[Step, ...]:
    """The cheapest edit script with unit costs in which equal and substituted words overlap in time.

    Args:
        reference: normalised words in their order, each with its times.
        hypothesis: likewise, times at the same rate.
        collar: samples by which every hypothesis word is widened on both sides.

    Raises:
        EvidenceError: a word has no times.

    Source: the time-constrained word error rate of meeteval, with the same counts. sclite -T minimises time
    differences instead of errors and so may align a right word as wrong.
    """
    a_start, a_end = _times(reference, "reference")
    b_start, b_end = _times(hypothesis, "hypothesis")
    b_start, b_end = b_start - collar, b_end + collar
    first, last = _columns(a_start, a_end, b_start, b_end)
    offset = np.concatenate([[0], np.cumsum(last - first + 1)])
    numbers: dict[str, int] = {}
    a, b = (
        np.array([numbers.setdefault(word.text, len(numbers)) for word in side], np.int64)
        for side in (reference, hypothesis)
    )
    given = (a, a_start, a_end, b, b_start, b_end, first, last, offset[:-1])
    return _steps(_script(given, int(offset[-1]), len(hypothesis)))


def timed_word_errors(reference: Sequence[Word], hypothesis: Sequence[Word], collar: int) -> WordErrors:
    """The counts of ``align_timed``: time-constrained word errors of one speaker (or of speakers taken together)."""
    kinds = [step.kind for step in align_timed(reference, hypothesis, collar)]
    return WordErrors(kinds.count("substitute"), kinds.count("delete"), kinds.count("insert"), len(reference))


def _times(words: Sequence[Word], side: str) -> tuple[I64, I64]:
    for place, word in enumerate(words):
        if word.start is None or word.end is None:
            what = f"word {place + 1} ({word.text!r}) has no times; align by words alone, or bring times for all"
            raise EvidenceError(side, what)
    return np.array([word.start for word in words], np.int64), np.array([word.end for word in words], np.int64)


def _columns(a_start: I64, a_end: I64, b_start: I64, b_end: I64) -> tuple[I64, I64]:
    """The cells of each row (kernels.edit_distance.timed); words need not be in order of time."""
    ended = np.searchsorted(np.maximum.accumulate(b_end), a_start, side="right")
    begun = np.searchsorted(np.minimum.accumulate(b_start[::-1])[::-1], a_end, side="left")
    first = np.minimum.accumulate(ended[::-1])[::-1]
    return first, np.maximum(np.maximum.accumulate(begun), first)


def _script(given: tuple[I64, ...], cells: int, columns: int) -> list[int]:
    """The codes, in order."""
    first, last, offset = given[-3:]
    room = cells, columns + 1, len(first) + columns
    if cells <= _FEW_CELLS:
        moves, row, codes = ([0] * length for length in room)
        _call(timed.fill_timed, *(part.tolist() for part in given), row, moves)
        count = timed.trace_timed(first.tolist(), last.tolist(), offset.tolist(), columns, moves, codes)
        return codes[:count][::-1]
    from kernels.edit_distance import fast

    if cells > _MOST_CELLS:
        what = f"{len(first)} words against {columns} may face each other almost anywhere: give a shorter collar"
        raise EvidenceError("alignment", what)
    held, spare, found = np.zeros(room[0], np.uint8), np.zeros(room[1], np.int64), np.zeros(room[2], np.uint8)
    _call(fast.fill_timed, *given, spare, held)
    count = _call(fast.trace_timed, first, last, offset, columns, held, found)
    return [int(code) for code in found[:count][::-1]]


def _call(kernel: Callable[..., R], *given: object) -> R:
    """A kernel over lists or arrays alike."""
    return kernel(*given)


def _steps(codes: Sequence[int]) -> tuple[Step, ...]:
    found: list[Step] = []
    r = h = 0
    for code in codes:
        found.append(Step(_KINDS[code], r if code != INSERT else None, h if code != DELETE else None))
        r += code != INSERT
        h += code != DELETE
    return tuple(found)

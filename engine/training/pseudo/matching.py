"""Where in a long text heard phone sequences fit best: every place is tried, with edits, many sequences at a time.

Source: Myers, A fast bit-vector algorithm for approximate string matching (1999), in the blocks of Hyyro (2003).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kernels.compiled import compiled

SYMBOLS = 256
BIN = 512  # phones of text of which only the best place is kept
_WORD = 64
_BATCH = 32  # queries searched together: they fill the vector registers

Phones = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
Symbols = npt.NDArray[np.uint8] | npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of text and how many edits it is away from the query."""

    start: int
    end: int  # exclusive
    errors: int


def find_all(queries: Sequence[Phones], text: Phones, count: int) -> Iterator[tuple[int, list[Match]]]:
    """Find for every query the stretches of a text that are the fewest edits away from it.

    Args:
        queries: of bytes.
        text: (m,) bytes.
        count: how many stretches for each, at most.

    Yields:
        The place of a query and its stretches, best first, which end in bins that do not touch. Queries come by
        length; empty ones are left out.
    """
    order = sorted((place for place in range(len(queries)) if len(queries[place])), key=lambda one: len(queries[one]))
    for first in range(0, len(order), _BATCH):
        places = order[first : first + _BATCH]
        longest = max(len(queries[place]) for place in places)
        masks = _masks([queries[place] for place in places], -(-longest // _WORD))
        errors = _scan(masks, text, BIN) if len(text) else np.zeros((0, len(places)), np.int64)
        for column, place in enumerate(places):
            yield place, _locate(queries[place], text, errors[:, column], count)


def _masks(queries: Sequence[Phones], blocks: int) -> Masks:
    """(symbols, blocks, queries) which rows of a block hold a symbol; rows before a query's first match them all."""
    rows = np.zeros((SYMBOLS, blocks * _WORD, len(queries)), np.uint64)
    for column, query in enumerate(queries):
        before = blocks * _WORD - len(query)
        rows[:, :before, column] = 1
        rows[query, before + np.arange(len(query)), column] = 1
    bits = np.uint64(1) << np.arange(_WORD, dtype=np.uint64)
    return np.asarray((rows.reshape(SYMBOLS, blocks, _WORD, -1) * bits[:, None]).sum(axis=2, dtype=np.uint64))


def _locate(query: Phones, text: Phones, errors: Counts, count: int) -> list[Match]:
    """Turn the fewest edits of every bin into the best stretches."""
    chosen: list[int] = []
    for place in np.argsort(errors, kind="stable")[: 4 * count]:
        if all(abs(int(place) - other) > 1 for other in chosen):
            chosen.append(int(place))
    matches = [_within(query, text, place * BIN) for place in chosen[:count]]
    return sorted(matches, key=lambda match: match.errors)


def _within(query: Phones, text: Phones, first: int) -> Match:
    """The best stretch that ends in the bin that starts at a phone."""
    before = max(0, first - 2 * len(query))
    window = text[before : first + BIN]
    row = last_row(query, window, free=True)
    end = first - before + 1 + int(row[first - before + 1 :].argmin())
    length = int(last_row(query[::-1], window[:end][::-1], free=False).argmin())
    return Match(before + end - length, before + end, int(row[end]))


def last_row(query: Symbols, window: Symbols, *, free: bool) -> Counts:
    """Count the fewest edits of a query against what ends at each place of a window.

    Args:
        query: (n,) symbols.
        window: (m,) symbols.
        free: whether that may start anywhere, or only where the window does.

    Returns:
        (m + 1,) edits.
    """
    steps = np.arange(len(window) + 1)
    row = np.zeros_like(steps) if free else steps
    for place, symbol in enumerate(query, 1):
        best = np.minimum(row[:-1] + (window != symbol), row[1:] + 1)
        row = np.minimum.accumulate(np.concatenate([[place], best]) - steps) + steps
    return row


@compiled
def _scan(masks: Masks, text: Phones, size: int) -> Counts:
    """(bins, queries) fewest edits of a query against any stretch that ends in a bin."""
    one, top = np.uint64(1), np.uint64(63)
    blocks, queries = masks.shape[1], masks.shape[2]
    bins = (len(text) + size - 1) // size
    errors = np.full((bins, queries), 64 * blocks, np.int64)
    score = np.full(queries, 64 * blocks, np.int64)
    up = np.full((blocks, queries), ~np.uint64(0), np.uint64)
    down = np.zeros((blocks, queries), np.uint64)
    carry_up, carry_down = np.zeros(queries, np.uint64), np.zeros(queries, np.uint64)
    for place in range(bins):
        for column in range(place * size, min((place + 1) * size, len(text))):
            symbol = text[column]
            carry_up[:] = 0
            carry_down[:] = 0
            for block in range(blocks):
                for query in range(queries):
                    pv, mv, same = up[block, query], down[block, query], masks[symbol, block, query]
                    up_in, down_in = carry_up[query], carry_down[query]
                    equal = same | down_in
                    xh = (((equal & pv) + pv) ^ pv) | equal
                    ph, mh = mv | ~(xh | pv), pv & xh
                    carry_up[query], carry_down[query] = ph >> top, mh >> top
                    ph = (ph << one) | up_in
                    up[block, query] = (mh << one) | down_in | ~(same | mv | ph)
                    down[block, query] = ph & (same | mv)
            for query in range(queries):
                score[query] += np.int64(carry_up[query]) - np.int64(carry_down[query])
            for query in range(queries):
                errors[place, query] = min(errors[place, query], score[query])
    return errors

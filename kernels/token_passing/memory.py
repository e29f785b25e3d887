"""The memory of a search: a channel for each stream, a lane for each thread, all of fixed size."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Places in ``Channel.counters``.
TOKENS, FRAMES, RECORDS, ROOT, OVERFLOWS = range(5)

I32 = NDArray[np.int32]
F32 = NDArray[np.float32]


class Channel(NamedTuple):
    """Kept state of one stream: C tokens and P records."""

    counters: NDArray[np.int64]  # (5,) tokens, frames, records in use; root record or -1; times a capacity was full
    offset: NDArray[np.float64]  # (1,) what was subtracted from all scores so far
    position: I32  # (C,) state << 6 | phone
    score: F32  # (C,) relative to the best emitting token
    record: I32  # (C,) newest record of the token's path, or -1
    last: I32  # (C,) last frame in which the path's newest phone was emitted
    peak: F32  # (C,) highest log posterior of that phone while it was emitted
    prev: I32  # (P,) record before this one, or -1
    phone: NDArray[np.uint8]  # (P,) phone entered, 0 for a record that only says a word
    word: I32  # (P,) word said, or 0
    frame: I32  # (P,) frame of entry
    prev_last: I32  # (P,) ``last`` of the phone before
    prev_peak: F32  # (P,) ``peak`` of the phone before


class Lane(NamedTuple):
    """Working memory of one search step: K candidates, H = 2 K hash slots."""

    stamp: NDArray[np.int64]  # (1,) the number of the hash table's present filling
    table: NDArray[np.int64]  # (H,) filling << 32 | entry in ``position``; of an older filling means empty
    position: I32  # (K,)
    score: F32  # (K,)
    source: I32  # (K,) token it came from
    arc: I32  # (K,) arc it took, or -1 if it stayed
    record: I32  # (C,) next tokens, copied back when complete
    last: I32  # (C,)
    peak: F32  # (C,)
    queue: I32  # (C,) tokens whose epsilon arcs wait
    queued: NDArray[np.uint8]  # (C,)
    moved: I32  # (P,) new number of a record while the pool is compacted, or a mark
    histogram: I32  # (256,)


def new_channel(tokens: int, records: int) -> Channel:
    """Allocate a stream's state.

    Args:
        tokens: most tokens kept, at least twice ``max_active``.
        records: most records kept, at least four times ``tokens``.
    """
    i32, f32 = np.int32, np.float32
    return Channel(
        np.zeros(5, np.int64), np.zeros(1), np.zeros(tokens, i32), np.zeros(tokens, f32), np.zeros(tokens, i32),
        np.zeros(tokens, i32), np.zeros(tokens, f32), np.zeros(records, i32), np.zeros(records, np.uint8),
        np.zeros(records, i32), np.zeros(records, i32), np.zeros(records, i32), np.zeros(records, f32),
    )  # fmt: skip


def new_lane(candidates: int, tokens: int, records: int) -> Lane:
    """Allocate a thread's working memory, for channels of at most this size.

    Args:
        candidates: a power of two, at least twice ``tokens``.
    """
    if candidates & (candidates - 1) or candidates < 2 * tokens:
        raise ValueError(f"candidates must be a power of two and at least {2 * tokens}, got {candidates}")
    i32, f32, slots = np.int32, np.float32, 2 * candidates
    return Lane(
        np.zeros(1, np.int64), np.zeros(slots, np.int64), np.zeros(candidates, i32),
        np.zeros(candidates, f32), np.zeros(candidates, i32), np.zeros(candidates, i32), np.zeros(tokens, i32),
        np.zeros(tokens, i32), np.zeros(tokens, f32), np.zeros(tokens, i32), np.zeros(tokens, np.uint8),
        np.zeros(records, i32), np.zeros(256, i32),
    )  # fmt: skip

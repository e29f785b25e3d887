"""The memory of a search: a channel for each stream, a lane for each thread, all of fixed size.

Everything that belongs to one thing lies together, in arrays of structures: compiled code pays for every array that
a call passes, and for every cache line that it touches.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Places in ``Channel.counters``.
TOKENS, FRAMES, RECORDS, ROOT, OVERFLOWS, SIDES, HUB, DOOR = range(8)

I32 = NDArray[np.int32]
F32 = NDArray[np.float32]
Structures = NDArray[Any]  # of one of the types below

TOKEN = np.dtype(
    [
        ("position", np.int32),  # state << 6 | phone
        ("score", np.float32),  # relative to the best emitting token
        ("record", np.int32),  # newest record of the token's path, or -1
        ("last", np.int32),  # last frame in which the path's newest phone was emitted
        ("peak", np.float32),  # highest log posterior of that phone while it was emitted
        ("owed", np.float32),  # graph costs since the record
    ]
)
RECORD = np.dtype(
    [
        ("alpha", np.float64),  # score of the best path to here
        ("prev", np.int32),  # record before this one on its best path, or -1
        ("word", np.int32),  # word said, or 0
        ("frame", np.int32),  # frame of entry
        ("last", np.int32),  # ``last`` of the phone before
        ("peak", np.float32),  # ``peak`` of the phone before
        ("paid", np.float32),  # graph costs from ``prev`` to here
        ("sides", np.int32),  # end of its side links; they begin where those of the record below end
        ("phone", np.int32),  # phone entered, 0 for a record that only says a word or joins paths
    ]
)
SIDE = np.dtype(
    [
        ("source", np.int32),  # record that a worse path came from, or -1 for the start
        ("phone", np.int32),  # phone it entered here, or 0
        ("word", np.int32),  # word it said here, or 0
        ("loss", np.float32),  # how much worse than the best path it is, >= 0
        ("paid", np.float32),  # graph costs from its source to here
    ]
)
ENTRY = np.dtype(
    [
        ("position", np.int32),
        ("score", np.float32),
        ("source", np.int32),  # token it came from; from C on, a token of this very frame
        ("arc", np.int32),  # arc it took, or -1 if it stayed
        ("aside", np.int32),  # newest of its worse candidates, or -1
        ("queued", np.int32),  # 1 + rank of an entry that becomes a token, 0 of one that does not
    ]
)
ASIDE = np.dtype(
    [
        ("next", np.int32),  # the one put aside before, or -1
        ("score", np.float32),
        ("source", np.int32),
        ("arc", np.int32),
    ]
)


class Channel(NamedTuple):
    """Kept state of one stream: C tokens, P records and L side links."""

    # (8,) tokens, frames, records in use; root or -1; times a capacity was full; sides; hub; door, 0 = none
    counters: NDArray[np.int64]
    offset: NDArray[np.float64]  # (1,) what was subtracted from all scores so far
    tokens: Structures  # (C,) TOKEN
    records: Structures  # (P,) RECORD
    sides: Structures  # (L,) SIDE


class Lane(NamedTuple):
    """Working memory of one search step: K candidates, H = 2 K hash slots."""

    stamp: NDArray[np.int64]  # (2,) the number of the hash table's present filling; candidates put aside
    table: NDArray[np.int64]  # (H,) filling << 32 | number of an entry; of an older filling means empty
    entries: Structures  # (K,) ENTRY
    asides: Structures  # (K,) ASIDE
    following: Structures  # (C,) TOKEN: the next tokens, copied back when complete
    queue: I32  # (C,) entries that become tokens
    moved: I32  # (P,) new number of a record while the pool is compacted, or a mark
    extra: F32  # (P,) how much worse than the best the best path through a record is
    carry: F32  # (P,) graph costs of joins that are passed over
    histogram: I32  # (256,)


def new_channel(tokens: int, records: int, sides: int = 0) -> Channel:
    """Allocate a stream's state.

    Args:
        tokens: most tokens kept, at least twice ``max_active``.
        records: most records kept, at least four times ``tokens``.
        sides: most side links kept; 0 where only best paths matter.
    """
    kept = np.zeros(tokens, TOKEN), np.zeros(records, RECORD), np.zeros(sides, SIDE)
    return Channel(np.zeros(8, np.int64), np.zeros(1), *kept)


def new_lane(candidates: int, tokens: int, records: int) -> Lane:
    """Allocate a thread's working memory, for channels of at most this size.

    Args:
        candidates: a power of two, at least twice ``tokens``.
    """
    if candidates & (candidates - 1) or candidates < 2 * tokens:
        raise ValueError(f"candidates must be a power of two and at least {2 * tokens}, got {candidates}")
    i32, f32 = np.int32, np.float32
    return Lane(
        np.zeros(2, np.int64), np.zeros(2 * candidates, np.int64), np.zeros(candidates, ENTRY),
        np.zeros(candidates, ASIDE), np.zeros(tokens, TOKEN), np.zeros(tokens, i32), np.zeros(records, i32),
        np.zeros(records, f32), np.zeros(records, f32), np.zeros(256, i32),
    )  # fmt: skip

"""Records of a channel: trace a path back, find what all paths share, forget what no path needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled
from kernels.token_passing.memory import RECORDS, ROOT, TOKENS, Channel, Lane


@compiled
def trace(channel: Channel, record: int, out: NDArray[np.int32]) -> int:
    """Write the records from the root (exclusive) to ``record``, oldest first, into out; return how many.

    Args:
        out: (at least the number of records in use,) record numbers.
    """
    root = channel.counters[ROOT]
    length = 0
    while record >= 0 and record != root:
        out[length] = record
        length += 1
        record = channel.prev[record]
    for place in range(length // 2):
        out[place], out[length - 1 - place] = out[length - 1 - place], out[place]
    return length


@compiled
def shared_record(channel: Channel, lane: Lane) -> int:
    """The newest record that all tokens' paths run through; the root (or -1) when there is none after it."""
    counters, marks = channel.counters, lane.moved
    root, tokens = counters[ROOT], counters[TOKENS]
    marks[: counters[RECORDS]] = 0
    for token in range(tokens):
        record = channel.record[token]
        if record < 0:
            return int(root)
        marks[record] += 1
    for record in range(counters[RECORDS] - 1, -1, -1):
        if marks[record] == tokens:
            return record
        if marks[record] and channel.prev[record] >= 0:
            marks[channel.prev[record]] += marks[record]
    return int(root)


@compiled
def keep_descendants(channel: Channel, lane: Lane, record: int) -> int:
    """Drop the tokens whose path does not run through a record; return how many stay."""
    counters, marks = channel.counters, lane.moved
    marks[: record + 1] = 0
    marks[record] = 1
    for later in range(record + 1, counters[RECORDS]):
        before = channel.prev[later]
        marks[later] = marks[before] if before >= 0 else 0
    kept = 0
    for token in range(counters[TOKENS]):
        newest = channel.record[token]
        if newest >= 0 and marks[newest]:
            channel.position[kept] = channel.position[token]
            channel.score[kept] = channel.score[token]
            channel.record[kept] = newest
            channel.last[kept] = channel.last[token]
            channel.peak[kept] = channel.peak[token]
            kept += 1
    counters[TOKENS] = kept
    return kept


@compiled
def set_root(channel: Channel, record: int) -> None:
    """Forget everything before a record that all paths share."""
    channel.counters[ROOT] = record
    if record >= 0:
        channel.prev[record] = -1


@compiled
def compact(channel: Channel, lane: Lane) -> None:
    """Keep only the records that some token's path runs through, in their order."""
    counters, moved = channel.counters, lane.moved
    used = counters[RECORDS]
    moved[:used] = 0
    if counters[ROOT] >= 0:
        moved[counters[ROOT]] = 1
    for token in range(counters[TOKENS]):
        if channel.record[token] >= 0:
            moved[channel.record[token]] = 1
    for record in range(used - 1, -1, -1):
        if moved[record] and channel.prev[record] >= 0:
            moved[channel.prev[record]] = 1
    kept = 0
    for record in range(used):
        if not moved[record]:
            continue
        before = channel.prev[record]
        channel.prev[kept] = moved[before] if before >= 0 else -1
        channel.phone[kept] = channel.phone[record]
        channel.word[kept] = channel.word[record]
        channel.frame[kept] = channel.frame[record]
        channel.prev_last[kept] = channel.prev_last[record]
        channel.prev_peak[kept] = channel.prev_peak[record]
        moved[record] = kept
        kept += 1
    for token in range(counters[TOKENS]):
        if channel.record[token] >= 0:
            channel.record[token] = moved[channel.record[token]]
    if counters[ROOT] >= 0:
        counters[ROOT] = moved[counters[ROOT]]
    counters[RECORDS] = kept

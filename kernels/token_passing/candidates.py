"""Where tokens may go in a frame: one candidate a position, the best, in an open hash table that a stamp clears.

What a better one displaces, and is worse by less than the lattice beam, is put aside as a way to the same position.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import inner
from kernels.token_passing.memory import I32, Lane, Structures

ENTRY = (1 << 32) - 1  # the part of a slot that says which candidate; the rest is the stamp
_BINS = 256
_SPREAD = 0x9E3779B1  # multiplicative hash by Knuth

I64 = NDArray[np.int64]


@inner
def slot_of(stamp: I64, table: I64, entries: Structures, position: int) -> int:
    """The slot that holds a position, or the empty one where it belongs."""
    mask = len(table) - 1
    slot = ((position * _SPREAD) >> 7) & mask
    while True:
        held = table[slot]
        if held >> 32 != stamp[0] or entries[held & ENTRY].position == position:
            return slot
        slot = (slot + 1) & mask


@inner
def offer(
    stamp: I64,
    table: I64,
    entries: Structures,
    asides: Structures,
    tokens: Structures,
    count: int,
    position: int,
    score: float,
    source: int,
    arc: int,
    lattice_beam: float,
) -> int:
    """Add a candidate, or improve the one that stands there; return the number of candidates."""
    slot = slot_of(stamp, table, entries, position)
    held = table[slot]
    if held >> 32 == stamp[0]:
        entry = held & ENTRY
        there = float(entries[entry].score)
        if abs(there - score) < lattice_beam and not _same_stay(entries, tokens, entry, source, arc):
            if score <= there:
                _put_aside(stamp, entries, asides, entry, score, source, arc)
            else:
                _put_aside(stamp, entries, asides, entry, there, entries[entry].source, entries[entry].arc)
        if score <= there:
            return count
    else:
        entry = count
        count += 1
        table[slot] = stamp[0] << 32 | entry
        entries[entry].position = position
        entries[entry].aside = -1
        entries[entry].queued = 0
    entries[entry].score = score
    entries[entry].source = source
    entries[entry].arc = arc
    return count


@inner
def _same_stay(entries: Structures, tokens: Structures, entry: int, source: int, arc: int) -> bool:
    """Two candidates that both took no arc from the same record are one path."""
    if arc >= 0 or entries[entry].arc >= 0:
        return False
    return bool(tokens[entries[entry].source].record == tokens[source].record)


@inner
def _put_aside(
    stamp: I64, entries: Structures, asides: Structures, entry: int, score: float, source: int, arc: int
) -> None:
    place = stamp[1]
    if place == len(asides):
        return  # more than a lattice can hold, and the next compaction would drop most of them
    stamp[1] = place + 1
    asides[place].next = entries[entry].aside
    asides[place].score = score
    asides[place].source = source
    asides[place].arc = arc
    entries[entry].aside = place


@inner
def cut(histogram: I32, entries: Structures, count: int, best: float, beam: float, limit: int) -> float:
    """The lowest score to keep so that at most ``limit`` candidates stay, to 1/256 of the beam."""
    if count <= limit:
        return best - beam
    histogram[:] = 0
    for entry in range(count):
        place = int((best - entries[entry].score) / beam * _BINS)
        if place < _BINS:
            histogram[max(place, 0)] += 1
    kept = 0
    for place in range(_BINS):
        kept += histogram[place]
        if kept > limit:
            return best - beam * max(place, 1) / _BINS
    return best - beam


@inner
def tighten(lane: Lane, count: int, best: float, beam: float, floor: float) -> tuple[int, float]:
    """Candidates are full: keep the better half."""
    entries = lane.entries
    floor = max(floor, cut(lane.histogram, entries, count, best, beam, len(entries) // 4))
    lane.stamp[0] += 1
    kept = 0
    for entry in range(count):
        if entries[entry].score >= floor:
            entries[kept] = entries[entry]
            slot = slot_of(lane.stamp, lane.table, entries, int(entries[kept].position))
            lane.table[slot] = lane.stamp[0] << 32 | kept
            kept += 1
    return kept, floor

"""Records of a channel: trace a path back, find what all paths share, forget what no path needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner
from kernels.token_passing.memory import F32, RECORDS, ROOT, SIDES, TOKENS, Channel, Lane, Structures


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
        record = channel.records[record].prev
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
        record = channel.tokens[token].record
        if record < 0:
            return int(root)
        marks[record] += 1
    for record in range(counters[RECORDS] - 1, -1, -1):
        if marks[record] == tokens:
            return record
        if marks[record] and channel.records[record].prev >= 0:
            marks[channel.records[record].prev] += marks[record]
    return int(root)


@compiled
def keep_descendants(channel: Channel, lane: Lane, record: int) -> int:
    """Drop the tokens whose path does not run through a record; return how many stay."""
    counters, marks, tokens = channel.counters, lane.moved, channel.tokens
    marks[: record + 1] = 0
    marks[record] = 1
    for later in range(record + 1, counters[RECORDS]):
        before = channel.records[later].prev
        marks[later] = marks[before] if before >= 0 else 0
    kept = 0
    for token in range(counters[TOKENS]):
        newest = tokens[token].record
        if newest >= 0 and marks[newest]:
            tokens[kept] = tokens[token]
            kept += 1
    counters[TOKENS] = kept
    return kept


@compiled
def set_root(channel: Channel, lane: Lane, record: int) -> None:
    """Forget everything before a record that all best paths share, and the side links that came from there."""
    counters, records, extra = channel.counters, channel.records, lane.extra
    counters[ROOT] = record
    if record < 0:
        return
    records[record].prev = -1
    if counters[SIDES] == 0:
        return
    extra[:record] = np.inf
    extra[record] = 0.0
    for side in range(records[record - 1].sides if record else 0, records[record].sides):
        channel.sides[side].loss = np.inf
    for later in range(record + 1, counters[RECORDS]):
        extra[later] = _root_again(records, channel.sides, extra, later)


@compiled
def compact(channel: Channel, lane: Lane, lattice_beam: float) -> None:
    """Keep only the records and side links that some token's path needs, in their order.

    A side link stays while a path over it is worse than the best path to the same token by less than the lattice
    beam: none is lost that would belong to the lattice of all frames, whichever token turns out best.
    """
    _measure_extra(channel, lane.extra, lattice_beam)
    counters, kept, sides, begun = channel.counters, 0, 0, 0
    for record in range(counters[RECORDS]):
        end = channel.records[record].sides
        if lane.extra[record] < np.inf:
            is_root = record == counters[ROOT]
            kept, sides = _keep(
                channel.records, channel.sides, lane, record, begun, end, kept, sides, lattice_beam, is_root
            )
        begun = end
    for token in range(counters[TOKENS]):
        record = channel.tokens[token].record
        if record >= 0:
            channel.tokens[token].owed += lane.carry[record]
            channel.tokens[token].record = lane.moved[record]
    if counters[ROOT] >= 0:
        counters[ROOT] = lane.moved[counters[ROOT]]
    counters[RECORDS], counters[SIDES] = kept, sides


@inner
def _measure_extra(channel: Channel, extra: F32, lattice_beam: float) -> None:
    """For every record: how much worse the best path over it is than the best to the same token, or infinite."""
    counters, records, sides = channel.counters, channel.records, channel.sides
    extra[: counters[RECORDS]] = np.inf
    if counters[ROOT] >= 0:
        extra[counters[ROOT]] = 0.0
    for token in range(counters[TOKENS]):
        if channel.tokens[token].record >= 0:
            extra[channel.tokens[token].record] = 0.0
    for record in range(counters[RECORDS] - 1, -1, -1):
        if extra[record] == np.inf:
            continue
        before = records[record].prev
        if before >= 0:
            extra[before] = min(extra[before], extra[record])
        for side in range(records[record - 1].sides if record else 0, records[record].sides):
            before, worse = sides[side].source, extra[record] + sides[side].loss
            if before >= 0 and worse < lattice_beam:
                extra[before] = min(extra[before], worse)


@inner
def _keep(
    records: Structures,
    sides: Structures,
    lane: Lane,
    record: int,
    begun: int,
    end: int,
    kept: int,
    kept_sides: int,
    lattice_beam: float,
    is_root: bool,
) -> tuple[int, int]:
    """Move a record and its living side links down; a join of nothing is passed over. Return the next free places."""
    moved, carry, old = lane.moved, lane.carry, records[record]
    before, paid = old.prev, old.paid
    if before >= 0:
        paid += carry[before]
        before = moved[before]
    phone, word, first = old.phone, old.word, kept_sides
    for side in range(begun, end):
        if lane.extra[record] + sides[side].loss < lattice_beam:
            kept_sides = _keep_side(sides, moved, carry, side, first, kept_sides, before, phone, word)
    if kept_sides == first and phone == 0 and word == 0 and not is_root:
        moved[record], carry[record] = before, paid
        return kept, kept_sides
    records[kept] = old
    new = records[kept]
    new.prev, new.paid, new.sides = before, paid, kept_sides
    moved[record], carry[record] = kept, 0.0
    return kept + 1, kept_sides


@inner
def _keep_side(
    sides: Structures,
    moved: NDArray[np.int32],
    carry: F32,
    side: int,
    first: int,
    kept: int,
    before: int,
    phone: int,
    word: int,
) -> int:
    """Move a side link down, unless its path has become that of a better link; return the next free place."""
    source, paid = sides[side].source, sides[side].paid
    if source >= 0:
        paid += carry[source]
        source = moved[source]
    taken, said, loss = sides[side].phone, sides[side].word, sides[side].loss
    if source == before and taken == phone and said == word:
        return kept
    place = first
    while place < kept and not (
        sides[place].source == source and sides[place].phone == taken and sides[place].word == said
    ):
        place += 1
    if place < kept and sides[place].loss <= loss:
        return kept
    new = sides[place]
    new.source, new.phone, new.word, new.loss, new.paid = source, taken, said, loss, paid
    return max(kept, place + 1)


@inner
def _root_again(records: Structures, sides: Structures, extra: F32, record: int) -> float:
    """Measure a record's links by what still comes from the root; return how much worse its best path became."""
    new = records[record]
    first = extra[new.prev] if new.prev >= 0 else np.inf
    best, chosen = first, -1
    for side in range(records[record - 1].sides, new.sides):
        source = sides[side].source
        sides[side].loss += extra[source] if source >= 0 else np.inf
        if sides[side].loss < best:
            best, chosen = sides[side].loss, side
    if best == np.inf:
        new.prev = -1
        return float(best)
    for side in range(records[record - 1].sides, new.sides):
        sides[side].loss -= best
    new.alpha -= best
    if chosen >= 0:
        other = sides[chosen]
        prev, phone, word, paid = new.prev, new.phone, new.word, new.paid
        new.prev, new.phone, new.word, new.paid = other.source, other.phone, other.word, other.paid
        other.source, other.phone, other.word, other.paid = prev, phone, word, paid
        other.loss = first - best
    return float(best)

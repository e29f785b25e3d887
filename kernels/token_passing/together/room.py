"""Room for the records of a channel: those that no path needs are forgotten when they are nearly full."""

from __future__ import annotations

from kernels.compiled import uncounted_inner
from kernels.token_passing.alone import barrier, thread, threads
from kernels.token_passing.batch import I32, Channels, Lanes
from kernels.token_passing.memory import OVERFLOWS, RECORDS, ROOT, TOKENS
from kernels.token_passing.together.order import larger, smaller


@uncounted_inner
def make_room(channels: Channels, lanes: Lanes, stream: int, lane: int, max_active: int) -> int:
    """Forget records that no path needs when they are nearly full; how many tokens may leave the next frame."""
    counters, records, capacity = channels.counters[stream], channels.prev.shape[1], channels.position.shape[1]
    if records - counters[RECORDS] < 2 * capacity:
        _mark(channels, lanes.moved[lane], stream)
        kept = _number(lanes.moved[lane], lanes.counts[lane], int(counters[RECORDS]))
        _move(channels, lanes.moved[lane], stream)
        if thread() == 0:
            counters[RECORDS] = kept
    barrier()
    active, room = smaller(max_active, capacity // 2), (records - counters[RECORDS]) // 4
    barrier()
    if room < active:
        if thread() == 0:
            counters[OVERFLOWS] += 1
        active = larger(int(room), 1)
    return int(active)


@uncounted_inner
def _mark(channels: Channels, moved: I32, stream: int) -> None:
    """Give 0 to the records of all paths and -1 to the others."""
    counters, prev = channels.counters[stream], channels.prev[stream]
    for record in range(thread(), counters[RECORDS], threads()):
        moved[record] = -1
    barrier()
    if thread() == 0 and counters[ROOT] >= 0:
        moved[counters[ROOT]] = 0
    for token in range(thread(), counters[TOKENS], threads()):
        record = channels.record[stream, token]
        while record >= 0 and moved[record] < 0:
            moved[record] = 0
            record = prev[record]
    barrier()


@uncounted_inner
def _number(moved: I32, counts: I32, records: int) -> int:
    """Number the marked records in their order; how many there are."""
    share = (records + threads() - 1) // threads()
    begin, end = smaller(thread() * share, records), smaller((thread() + 1) * share, records)
    mine = 0
    for record in range(begin, end):
        mine += moved[record] >= 0
    counts[thread()] = mine
    barrier()
    before, kept = 0, 0
    for other in range(threads()):
        before += counts[other] if other < thread() else 0
        kept += counts[other]
    for record in range(begin, end):
        if moved[record] >= 0:
            moved[record] = before
            before += 1
    barrier()
    return kept


@uncounted_inner
def _move(channels: Channels, moved: I32, stream: int) -> None:
    """Move records down to their new numbers, as many at a time as there are threads, and let tokens follow."""
    counters, prev, word, phone = (
        channels.counters[stream],
        channels.prev[stream],
        channels.word[stream],
        channels.phone[stream],
    )
    frame, before, height = channels.frame[stream], channels.before[stream], channels.height[stream]
    for first in range(0, counters[RECORDS], threads()):
        record = first + thread()
        there = moved[record] if record < counters[RECORDS] else -1
        old = record if there >= 0 else 0
        source, said, entered = prev[old], word[old], phone[old]
        when, until, peak = frame[old], before[old], height[old]
        barrier()
        if there >= 0:
            prev[there] = moved[source] if source >= 0 else -1
            word[there], phone[there] = said, entered
            frame[there], before[there], height[there] = when, until, peak
        barrier()
    for token in range(thread(), counters[TOKENS], threads()):
        if channels.record[stream, token] >= 0:
            channels.record[stream, token] = moved[channels.record[stream, token]]
    if thread() == 0 and counters[ROOT] >= 0:
        counters[ROOT] = moved[counters[ROOT]]
    barrier()

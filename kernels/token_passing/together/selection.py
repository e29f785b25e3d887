"""The candidates that leave a frame: those within the beam, or the best of them by a histogram of scores."""

from __future__ import annotations

from kernels.compiled import uncounted_inner
from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.alone import barrier, fetch_add, raise_to, thread, threads
from kernels.token_passing.batch import BEST, BINS, CLAIMED, HIGHEST, I32, I64, NOTHING, WAITING, Channels, Lanes
from kernels.token_passing.together.order import larger, score_of


@uncounted_inner
def select(graph: Graph, channels: Channels, lanes: Lanes, stream: int, lane: int, beam: float, active: int) -> float:
    """Queue the candidates within the beam, or the best of them; the best score."""
    control, packed, claimed = lanes.control[lane], lanes.best[lane], lanes.claimed[lane]
    best, count, half = score_of(control[BEST]), control[CLAIMED], lanes.queue.shape[1] // 2
    floor = best - beam
    if count > active:
        floor = _cut(packed, claimed, lanes.histogram[lane], count, best, beam, active)
    for place in range(thread(), count, threads()):
        slot = claimed[place]
        chosen = half
        if score_of(packed[slot]) >= floor:
            chosen = fetch_add(control, WAITING, 1)
        if chosen < half:
            rank = int(graph.rank[lanes.keys[lane, slot] >> PHONE_BITS])
            lanes.queued[lane, slot] = 1 + rank
            lanes.queue[lane, chosen] = slot
            raise_to(control, HIGHEST, rank)
        else:
            packed[slot] = NOTHING
    barrier()
    if thread() == 0 and control[WAITING] > half:
        control[WAITING] = half
    return best


@uncounted_inner
def _cut(packed: I64, claimed: I32, histogram: I32, count: int, best: float, beam: float, limit: int) -> float:
    """The lowest score to keep so that at most ``limit`` candidates stay, to 1/256 of the beam."""
    for place in range(thread(), BINS, threads()):
        histogram[place] = 0
    barrier()
    for entry in range(thread(), count, threads()):
        place = int((best - score_of(packed[claimed[entry]])) / beam * BINS)
        if place < BINS:
            fetch_add(histogram, larger(place, 0), 1)
    barrier()
    kept = 0
    for place in range(BINS):
        kept += histogram[place]
        if kept > limit:
            return best - float(beam * larger(place, 1) / BINS)
    return best - beam

"""Streams through frames: the phases of each, and the tokens that it leaves."""

from __future__ import annotations

from kernels.compiled import uncounted, uncounted_inner
from kernels.token_passing import Graph
from kernels.token_passing.alone import barrier, block, blocks, thread, threads
from kernels.token_passing.batch import F32, FULL, I32, KEPT, Channels, Lanes
from kernels.token_passing.memory import FRAMES, RECORDS, TOKENS
from kernels.token_passing.together.expansion import expand, place_first
from kernels.token_passing.together.order import larger, smaller
from kernels.token_passing.together.resolution import resolve
from kernels.token_passing.together.room import make_room
from kernels.token_passing.together.selection import select
from kernels.token_passing.together.table import empty


@uncounted
def advance(
    graph: Graph,
    channels: Channels,
    lanes: Lanes,
    streams: I32,
    scores: F32,
    log_probs: F32,
    beam: float,
    max_active: int,
) -> None:
    """Pass the tokens of streams through frames.

    Args:
        streams: (B,) whose channels; all different.
        scores: (B, T, V) scaled log weights to search by.
        log_probs: (B, T, V) log posteriors, for peaks only.
        beam: tokens worse than the best by more than this are dropped, nats.
        max_active: most tokens that leave a frame, before epsilon arcs.
    """
    for place in range(block(), len(streams), blocks()):
        stream, lane = streams[place], block()
        counters = channels.counters[stream]
        begun = counters[TOKENS] != 0
        for row in range(0 if begun else -1, scores.shape[1]):
            barrier()
            active = make_room(channels, lanes, stream, lane, max_active)
            frame = larger(row, 0)
            if row < 0:
                place_first(channels, lanes, stream, lane)
            else:
                expand(graph, channels, lanes, stream, lane, scores[place, frame], beam)
            best = select(graph, channels, lanes, stream, lane, beam, active)
            resolve(graph, channels, lanes, stream, lane, log_probs[place, frame], best, best - beam)
            _hand_over(channels, lanes, stream, lane, best, row >= 0)


@uncounted_inner
def _hand_over(channels: Channels, lanes: Lanes, stream: int, lane: int, best: float, heard: bool) -> None:
    """Make the lane's tokens the channel's, and empty the lane."""
    control, counters = lanes.control[lane], channels.counters[stream]
    kept = control[KEPT]
    for token in range(thread(), kept, threads()):
        channels.position[stream, token], channels.score[stream, token] = (
            lanes.position[lane, token],
            lanes.score[lane, token],
        )
        channels.record[stream, token], channels.last[stream, token] = (
            lanes.record[lane, token],
            lanes.last[lane, token],
        )
        channels.peak[stream, token] = lanes.peak[lane, token]
    empty(lanes, lane)
    barrier()
    if thread() == 0:
        counters[TOKENS] = kept
        counters[RECORDS] = smaller(int(counters[RECORDS]), channels.prev.shape[1])
        counters[FRAMES] += heard
        channels.offset[stream, 0] += best
        control[FULL] = 0
    barrier()

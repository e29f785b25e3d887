"""The best path of every stream since its root."""

from __future__ import annotations

import numpy as np

from kernels.compiled import uncounted, uncounted_inner
from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.alone import barrier, block, blocks, raise_to, thread, threads
from kernels.token_passing.batch import I32, I64, LEADER, MOVE_BITS, NOTHING, Channels, Lanes, Paths
from kernels.token_passing.memory import ROOT, TOKENS
from kernels.token_passing.together.order import LOW, larger, pack, score_of, smaller
from kernels.token_passing.together.table import reset


@uncounted
def best_paths(graph: Graph, channels: Channels, lanes: Lanes, streams: I32, ending: bool, paths: Paths) -> None:
    """Write the best path of every stream since its root.

    Args:
        ending: paths must end a sentence, where any does.
        paths: for B streams; of a path with more steps than there is room for, the newest are written.
    """
    for place in range(block(), len(streams), blocks()):
        control, stream = lanes.control[block()], streams[place]
        reset(control)
        _lead_end(graph, channels, control, stream, ending)
        if control[LEADER] == NOTHING and ending:
            barrier()
            _lead_end(graph, channels, control, stream, False)
        if thread() == 0:
            _write_path(channels, stream, control[LEADER], paths, place)
        barrier()


@uncounted_inner
def _lead_end(graph: Graph, channels: Channels, control: I64, stream: int, ending: bool) -> None:
    """Find the best token, or the best that may end a sentence."""
    best = NOTHING
    for token in range(thread(), channels.counters[stream, TOKENS], threads()):
        score = channels.score[stream, token]
        if ending:
            score -= graph.final[channels.position[stream, token] >> PHONE_BITS]
        if score > -np.inf:
            best = larger(best, pack(score, token, 0))
    raise_to(control, LEADER, best)
    barrier()


@uncounted_inner
def _write_path(channels: Channels, stream: int, leader: int, paths: Paths, place: int) -> None:
    if leader == NOTHING:
        paths.length[place], paths.score[place] = -1, -np.inf
        return
    token = (LOW - (leader & LOW)) >> MOVE_BITS
    root, newest, steps = channels.counters[stream, ROOT], channels.record[stream, token], 0
    record = newest
    while record >= 0 and record != root:
        steps += 1
        record = channels.prev[stream, record]
    room = paths.phone.shape[1]
    kept = smaller(steps, room)
    record = newest
    for step in range(kept - 1, -1, -1):
        paths.phone[place, step], paths.word[place, step] = (
            channels.phone[stream, record],
            channels.word[stream, record],
        )
        paths.frame[place, step], paths.before[place, step] = (
            channels.frame[stream, record],
            channels.before[stream, record],
        )
        paths.height[place, step] = channels.height[stream, record]
        record = channels.prev[stream, record]
    paths.length[place], paths.score[place] = kept, channels.offset[stream, 0] + score_of(leader)
    paths.last[place], paths.peak[place] = channels.last[stream, token], channels.peak[stream, token]

"""Every token's moves, offered to the table within a beam; again with a tighter one where candidates are full."""

from __future__ import annotations

from typing import Any

from kernels.compiled import uncounted_inner
from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.alone import barrier, raise_to, thread, threads
from kernels.token_passing.batch import BEST, F32, FULL, I64, LEADER, MOVE_BITS, NOTHING, Channels, Lanes
from kernels.token_passing.memory import OVERFLOWS, TOKENS
from kernels.token_passing.together.order import LOW, PHONE_MASK, larger, pack, score_of
from kernels.token_passing.together.table import claim, empty, reset

_TIGHTER = 0.7


@uncounted_inner
def place_first(channels: Channels, lanes: Lanes, stream: int, lane: int) -> None:
    """The only candidate before the first frame: the start state, by no arc."""
    control = lanes.control[lane]
    reset(control)
    if thread() == 0:
        channels.position[stream, 0], channels.record[stream, 0] = 0, -1
        channels.last[stream, 0], channels.peak[stream, 0] = -1, 0.0
        slot = claim(control, lanes.keys[lane], lanes.claimed[lane], 0, 1)
        lanes.best[lane, slot] = control[BEST] = pack(0.0, 0, 0)
    barrier()


@uncounted_inner
def expand(graph: Graph, channels: Channels, lanes: Lanes, stream: int, lane: int, weights: F32, beam: float) -> None:
    """Offer all moves of all tokens that stay within the beam of the best so far."""
    control, width = lanes.control[lane], beam
    while True:
        reset(control)
        _lead(channels, control, stream)
        best = _best_move(graph, channels, control, stream, weights)
        _offer_moves(graph, channels, lanes, stream, lane, weights, best, width)
        barrier()
        full = control[FULL]
        barrier()
        if full == 0:
            return
        empty(lanes, lane)
        width *= _TIGHTER
        if thread() == 0:
            channels.counters[stream, OVERFLOWS] += 1


@uncounted_inner
def _lead(channels: Channels, control: I64, stream: int) -> None:
    """Find the best token, the first of equal ones."""
    best = NOTHING
    for token in range(thread(), channels.counters[stream, TOKENS], threads()):
        best = larger(best, pack(channels.score[stream, token], token, 0))
    raise_to(control, LEADER, best)
    barrier()


@uncounted_inner
def _best_move(graph: Graph, channels: Channels, control: I64, stream: int, weights: F32) -> Any:
    """Score of the best move of the best token: a first floor that spares most useless candidates."""
    token = (LOW - (control[LEADER] & LOW)) >> MOVE_BITS
    position, score = int(channels.position[stream, token]), channels.score[stream, token]
    state, phone = position >> PHONE_BITS, position & PHONE_MASK
    best = score + larger(weights[0], weights[phone])
    for arc in range(graph.offsets[state], graph.offsets[state + 1]):
        entered = graph.phone[arc]
        if entered != 0 and entered != phone:
            best = larger(best, score + weights[entered] - graph.cost[arc])
    return best


@uncounted_inner
def _offer_moves(
    graph: Graph,
    channels: Channels,
    lanes: Lanes,
    stream: int,
    lane: int,
    weights: F32,
    best: float,
    beam: float,
) -> None:
    control, keys, claimed, packed = lanes.control[lane], lanes.keys[lane], lanes.claimed[lane], lanes.best[lane]
    positions, token_scores = channels.position[stream], channels.score[stream]
    limit, offsets = len(claimed) - len(positions), graph.offsets
    for token in range(thread(), channels.counters[stream, TOKENS], threads()):
        if control[FULL]:
            return
        position, score = int(positions[token]), token_scores[token]
        state, phone = position >> PHONE_BITS, position & PHONE_MASK
        best = larger(best, score_of(control[BEST]))
        first = offsets[state]
        for move in range(-1, 1 + offsets[state + 1] - first):
            if move <= 0:  # emit a blank, or stay on the phone
                entered = 0 if move < 0 else phone
                if move == 0 and phone == 0:
                    continue
                there, moved = (state << PHONE_BITS) | entered, score + weights[entered]
            else:
                arc = first + move - 1
                entered = graph.phone[arc]
                if entered == 0 or entered == phone:
                    continue
                there = (int(graph.dest[arc]) << PHONE_BITS) | int(entered)
                moved = score + weights[entered] - graph.cost[arc]
            if moved < best - beam:
                continue
            slot = claim(control, keys, claimed, there, limit)
            if slot < 0:
                return
            candidate = pack(moved, token, larger(move, 0))
            raise_to(packed, slot, candidate)
            best = larger(best, moved)
            if control[BEST] < candidate:
                raise_to(control, BEST, candidate)

"""Places become tokens and records by rank of epsilon arcs, and what these lead to is offered in its turn."""

from __future__ import annotations

from kernels.compiled import inlined, uncounted_inner
from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.alone import barrier, fetch_add, raise_to, swap, thread, threads
from kernels.token_passing.batch import F32, HIGHEST, KEPT, MOVE_BITS, WAITING, Channels, Lanes
from kernels.token_passing.memory import DOOR, FRAMES, HUB, OVERFLOWS, RECORDS
from kernels.token_passing.together.order import LOW, MOVE_MASK, PHONE_MASK, larger, pack, score_of, smaller
from kernels.token_passing.together.table import claim


@uncounted_inner
def resolve(
    graph: Graph, channels: Channels, lanes: Lanes, stream: int, lane: int, log_probs: F32, best: float, floor: float
) -> None:
    """Make the queued places tokens, in the order of ranks, and offer what their epsilon arcs lead to."""
    control, rank, capacity = lanes.control[lane], 0, lanes.queue.shape[1]
    while True:
        barrier()
        highest, waiting = control[HIGHEST], smaller(int(control[WAITING]), capacity)
        barrier()
        if rank > highest:
            return
        for place in range(thread(), waiting, threads()):
            slot = lanes.queue[lane, place]
            if lanes.queued[lane, slot] == 1 + rank:
                token = _make_token(graph, channels, lanes, stream, lane, slot, log_probs, best)
                _follow(graph, channels, lanes, stream, lane, token, slot, floor)
        rank += 1


@inlined
def _make_token(
    graph: Graph, channels: Channels, lanes: Lanes, stream: int, lane: int, slot: int, log_probs: F32, best: float
) -> int:
    """Make a place a token, with a record if it took something on; its number."""
    capacity, candidate, position = channels.position.shape[1], int(lanes.best[lane, slot]), int(lanes.keys[lane, slot])
    chosen = LOW - (candidate & LOW)
    source, move = chosen >> MOVE_BITS, chosen & MOVE_MASK
    fresh = source >= capacity
    if fresh:
        origin = source - capacity
        state, record = lanes.position[lane, origin] >> PHONE_BITS, lanes.record[lane, origin]
        last, peak = lanes.last[lane, origin], lanes.peak[lane, origin]
    else:
        state, record = channels.position[stream, source] >> PHONE_BITS, channels.record[stream, source]
        last, peak = channels.last[stream, source], channels.peak[stream, source]
    phone, frame, entered, word = position & PHONE_MASK, channels.counters[stream, FRAMES], 0, 0
    if move > 0:
        arc = _arc_of(graph, channels, stream, state, move)
        entered, word = int(graph.phone[arc]), int(graph.word[arc])
    if entered != 0 or word != 0:
        record = _make_record(channels, stream, record, entered, word, last, peak)
    if entered != 0:
        last, peak = frame, log_probs[phone]
    elif phone != 0 and not fresh:
        last, peak = frame, larger(peak, log_probs[phone])
    token = fetch_add(lanes.control[lane], KEPT, 1)
    lanes.position[lane, token], lanes.score[lane, token] = position, score_of(candidate) - best
    lanes.record[lane, token], lanes.last[lane, token], lanes.peak[lane, token] = record, last, peak
    return token


@inlined
def _arc_of(graph: Graph, channels: Channels, stream: int, state: int, move: int) -> int:
    """The arc of a move: one of the state's, or of the stream's door behind those of the hub."""
    degree = graph.offsets[state + 1] - graph.offsets[state]
    if move <= degree:
        return int(graph.offsets[state] + move - 1)
    return int(graph.offsets[channels.counters[stream, DOOR]] + move - 1 - degree)


@inlined
def _make_record(channels: Channels, stream: int, before: int, entered: int, word: int, last: int, peak: float) -> int:
    """Write a record and give its number; the one before where there is no room."""
    counters = channels.counters[stream]
    record = fetch_add(counters, RECORDS, 1)
    if record >= channels.prev.shape[1]:
        fetch_add(counters, OVERFLOWS, 1)
        return before
    channels.prev[stream, record], channels.word[stream, record] = before, word
    channels.phone[stream, record], channels.frame[stream, record] = entered, counters[FRAMES]
    channels.before[stream, record], channels.height[stream, record] = last, peak
    return record


@inlined
def _follow(
    graph: Graph, channels: Channels, lanes: Lanes, stream: int, lane: int, token: int, slot: int, floor: float
) -> None:
    """Offer what a new token's epsilon arcs lead to, and those of the door if it is on the hub."""
    counters, position = channels.counters[stream], int(lanes.keys[lane, slot])
    score = score_of(int(lanes.best[lane, slot]))
    state, phone, source = position >> PHONE_BITS, position & PHONE_MASK, token + channels.position.shape[1]
    degree = graph.offsets[state + 1] - graph.offsets[state]
    for part in range(2 if counters[DOOR] != 0 and state == counters[HUB] else 1):
        here, skipped = (state, 0) if part == 0 else (counters[DOOR], degree)
        first = graph.offsets[here]
        for arc in range(first, graph.offsets[here + 1]):
            if graph.phone[arc] != 0:
                break
            moved = score - graph.cost[arc]
            if moved >= floor:
                there = (int(graph.dest[arc]) << PHONE_BITS) | phone
                candidate = pack(moved, source, 1 + skipped + arc - first)
                _offer_epsilon(channels, lanes, stream, lane, there, candidate, int(graph.rank[graph.dest[arc]]))


@inlined
def _offer_epsilon(
    channels: Channels, lanes: Lanes, stream: int, lane: int, position: int, candidate: int, rank: int
) -> None:
    control, claimed, queue = lanes.control[lane], lanes.claimed[lane], lanes.queue[lane]
    slot = claim(control, lanes.keys[lane], claimed, position, len(claimed))
    if slot < 0:
        fetch_add(channels.counters[stream], OVERFLOWS, 1)
        return
    raise_to(lanes.best[lane], slot, candidate)
    if swap(lanes.queued[lane], slot, 0, 1 + rank) == 0:
        place = fetch_add(control, WAITING, 1)
        if place < len(queue):
            queue[place] = slot
            raise_to(control, HIGHEST, rank)
        else:
            fetch_add(channels.counters[stream], OVERFLOWS, 1)

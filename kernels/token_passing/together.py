"""Beam search over many streams at once, by threads that share a lane: one body for CPU and GPU.

The search is that of ``cpu`` with a lattice beam of 0: the same tokens with the same scores, bit for bit, as long as no
capacity is full. All threads of a lane run this code side by side; what they must not do at once goes through
``fetch_add``, ``raise_to`` and ``swap``, and ``barrier`` parts the phases of a frame:

    expand      every token's moves into the hash table; a place keeps its best by one atomic maximum of 64 bits, the
                score above and the move below, so that no thread waits for another
    select      a histogram of scores gives the beam that max_active leaves
    resolve     by rank of epsilon arcs: places become tokens and records, and their epsilon arcs are offered
    hand over   the tokens become the channel's, the table is emptied where it was used

Where candidates are full the frame is searched again with a tighter beam; memory is never asked for.

Source: Braun et al. (arXiv 1910.10032) and Galvez et al., "GPU-Accelerated WFST Beam Search Decoder for CTC-based
Speech Recognition" (arXiv 2311.04996), with positions instead of CTC states in the graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.compiled import inlined, uncounted, uncounted_inner
from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.alone import (
    barrier,
    bits,
    block,
    blocks,
    fetch_add,
    from_bits,
    raise_to,
    swap,
    thread,
    threads,
)
from kernels.token_passing.batch import (
    BEST,
    BINS,
    CLAIMED,
    F32,
    FULL,
    HIGHEST,
    I32,
    I64,
    KEPT,
    LEADER,
    MOVE_BITS,
    NOTHING,
    WAITING,
    Channels,
    Lanes,
    Paths,
)
from kernels.token_passing.memory import DOOR, FRAMES, HUB, OVERFLOWS, RECORDS, ROOT, TOKENS

_MASK = (1 << PHONE_BITS) - 1
_MOVES = (1 << MOVE_BITS) - 1
_LOW = (1 << 32) - 1
_SPREAD = 0x9E3779B1  # multiplicative hash by Knuth
_TIGHTER = 0.7


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
            active = _make_room(channels, lanes, stream, lane, max_active)
            frame = _larger(row, 0)
            if row < 0:
                _place_first(channels, lanes, stream, lane)
            else:
                _expand(graph, channels, lanes, stream, lane, scores[place, frame], beam)
            best = _select(graph, channels, lanes, stream, lane, beam, active)
            _resolve(graph, channels, lanes, stream, lane, log_probs[place, frame], best, best - beam)
            _hand_over(channels, lanes, stream, lane, best, row >= 0)


@inlined
def _larger(one: Any, other: Any) -> Any:
    """Of two numbers; the built-in ``max`` is not known to every compiler that reads this."""
    return one if one > other else other


@inlined
def _smaller(one: Any, other: Any) -> Any:
    return one if one < other else other


@inlined
def _packed(score: float, source: int, move: int) -> int:
    """A candidate as a number that is larger for a better score, and then for an earlier source and move."""
    pattern = bits(score)
    ordered = pattern if pattern >= 0 else pattern ^ 0x7FFFFFFF
    return (ordered << 32) | (_LOW - ((source << MOVE_BITS) | move))


@inlined
def _score_of(packed: int) -> float:
    """The score of a candidate, or of a place that holds none a value below all."""
    ordered = packed >> 32
    return from_bits(ordered if ordered >= 0 else ordered ^ 0x7FFFFFFF) if packed != NOTHING else -np.inf


@uncounted_inner
def _make_room(channels: Channels, lanes: Lanes, stream: int, lane: int, max_active: int) -> int:
    """Forget records that no path needs when they are nearly full; how many tokens may leave the next frame."""
    counters, records, capacity = channels.counters[stream], channels.prev.shape[1], channels.position.shape[1]
    if records - counters[RECORDS] < 2 * capacity:
        _mark(channels, lanes.moved[lane], stream)
        kept = _number(lanes.moved[lane], lanes.counts[lane], int(counters[RECORDS]))
        _move(channels, lanes.moved[lane], stream)
        if thread() == 0:
            counters[RECORDS] = kept
    barrier()
    active, room = _smaller(max_active, capacity // 2), (records - counters[RECORDS]) // 4
    barrier()
    if room < active:
        if thread() == 0:
            counters[OVERFLOWS] += 1
        active = _larger(int(room), 1)
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
    begin, end = _smaller(thread() * share, records), _smaller((thread() + 1) * share, records)
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


@uncounted_inner
def _reset(control: I64) -> None:
    barrier()
    if thread() == 0:
        control[CLAIMED] = control[WAITING] = control[KEPT] = control[HIGHEST] = control[FULL] = 0
        control[BEST] = control[LEADER] = NOTHING
    barrier()


@uncounted_inner
def _empty(lanes: Lanes, lane: int) -> None:
    """Empty the hash table: where it was used, or all of it if that is not known."""
    control, keys, best, queued = lanes.control[lane], lanes.keys[lane], lanes.best[lane], lanes.queued[lane]
    whole = control[FULL] != 0
    count = len(keys) if whole else control[CLAIMED]
    for place in range(thread(), count, threads()):
        slot = place if whole else lanes.claimed[lane, place]
        keys[slot], best[slot], queued[slot] = -1, NOTHING, 0


@uncounted_inner
def _place_first(channels: Channels, lanes: Lanes, stream: int, lane: int) -> None:
    """The only candidate before the first frame: the start state, by no arc."""
    control = lanes.control[lane]
    _reset(control)
    if thread() == 0:
        channels.position[stream, 0], channels.record[stream, 0] = 0, -1
        channels.last[stream, 0], channels.peak[stream, 0] = -1, 0.0
        slot = _claim(control, lanes.keys[lane], lanes.claimed[lane], 0, 1)
        lanes.best[lane, slot] = control[BEST] = _packed(0.0, 0, 0)
    barrier()


@inlined
def _claim(control: I64, keys: I32, claimed: I32, position: int, limit: int) -> int:
    """The place of a position in the table; -1 when ``limit`` places are in use."""
    mask = len(keys) - 1
    slot = ((position * _SPREAD) >> 7) & mask
    for _ in range(len(keys)):
        held = keys[slot]
        if held == -1:
            held = swap(keys, slot, -1, position)
            if held == -1:
                place = fetch_add(control, CLAIMED, 1)
                if place < limit:
                    claimed[place] = slot
                    return slot
                break
        if held == position:
            return slot
        slot = (slot + 1) & mask
    control[FULL] = 1
    return -1


@uncounted_inner
def _expand(graph: Graph, channels: Channels, lanes: Lanes, stream: int, lane: int, weights: F32, beam: float) -> None:
    """Offer all moves of all tokens that stay within the beam of the best so far."""
    control, width = lanes.control[lane], beam
    while True:
        _reset(control)
        _lead(channels, control, stream)
        best = _best_move(graph, channels, control, stream, weights)
        _offer_moves(graph, channels, lanes, stream, lane, weights, best, width)
        barrier()
        full = control[FULL]
        barrier()
        if full == 0:
            return
        _empty(lanes, lane)
        width *= _TIGHTER
        if thread() == 0:
            channels.counters[stream, OVERFLOWS] += 1


@uncounted_inner
def _lead(channels: Channels, control: I64, stream: int) -> None:
    """Find the best token, the first of equal ones."""
    best = NOTHING
    for token in range(thread(), channels.counters[stream, TOKENS], threads()):
        best = _larger(best, _packed(channels.score[stream, token], token, 0))
    raise_to(control, LEADER, best)
    barrier()


@uncounted_inner
def _best_move(graph: Graph, channels: Channels, control: I64, stream: int, weights: F32) -> Any:
    """Score of the best move of the best token: a first floor that spares most useless candidates."""
    token = (_LOW - (control[LEADER] & _LOW)) >> MOVE_BITS
    position, score = int(channels.position[stream, token]), channels.score[stream, token]
    state, phone = position >> PHONE_BITS, position & _MASK
    best = score + _larger(weights[0], weights[phone])
    for arc in range(graph.offsets[state], graph.offsets[state + 1]):
        entered = graph.phone[arc]
        if entered != 0 and entered != phone:
            best = _larger(best, score + weights[entered] - graph.cost[arc])
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
        state, phone = position >> PHONE_BITS, position & _MASK
        best = _larger(best, _score_of(control[BEST]))
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
            slot = _claim(control, keys, claimed, there, limit)
            if slot < 0:
                return
            candidate = _packed(moved, token, _larger(move, 0))
            raise_to(packed, slot, candidate)
            best = _larger(best, moved)
            if control[BEST] < candidate:
                raise_to(control, BEST, candidate)


@uncounted_inner
def _select(graph: Graph, channels: Channels, lanes: Lanes, stream: int, lane: int, beam: float, active: int) -> float:
    """Queue the candidates within the beam, or the best of them; the best score."""
    control, packed, claimed = lanes.control[lane], lanes.best[lane], lanes.claimed[lane]
    best, count, half = _score_of(control[BEST]), control[CLAIMED], lanes.queue.shape[1] // 2
    floor = best - beam
    if count > active:
        floor = _cut(packed, claimed, lanes.histogram[lane], count, best, beam, active)
    for place in range(thread(), count, threads()):
        slot = claimed[place]
        chosen = half
        if _score_of(packed[slot]) >= floor:
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
        place = int((best - _score_of(packed[claimed[entry]])) / beam * BINS)
        if place < BINS:
            fetch_add(histogram, _larger(place, 0), 1)
    barrier()
    kept = 0
    for place in range(BINS):
        kept += histogram[place]
        if kept > limit:
            return best - float(beam * _larger(place, 1) / BINS)
    return best - beam


@uncounted_inner
def _resolve(
    graph: Graph, channels: Channels, lanes: Lanes, stream: int, lane: int, log_probs: F32, best: float, floor: float
) -> None:
    """Make the queued places tokens, in the order of ranks, and offer what their epsilon arcs lead to."""
    control, rank, capacity = lanes.control[lane], 0, lanes.queue.shape[1]
    while True:
        barrier()
        highest, waiting = control[HIGHEST], _smaller(int(control[WAITING]), capacity)
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
    chosen = _LOW - (candidate & _LOW)
    source, move = chosen >> MOVE_BITS, chosen & _MOVES
    fresh = source >= capacity
    if fresh:
        origin = source - capacity
        state, record = lanes.position[lane, origin] >> PHONE_BITS, lanes.record[lane, origin]
        last, peak = lanes.last[lane, origin], lanes.peak[lane, origin]
    else:
        state, record = channels.position[stream, source] >> PHONE_BITS, channels.record[stream, source]
        last, peak = channels.last[stream, source], channels.peak[stream, source]
    phone, frame, entered, word = position & _MASK, channels.counters[stream, FRAMES], 0, 0
    if move > 0:
        arc = _arc_of(graph, channels, stream, state, move)
        entered, word = int(graph.phone[arc]), int(graph.word[arc])
    if entered != 0 or word != 0:
        record = _make_record(channels, stream, record, entered, word, last, peak)
    if entered != 0:
        last, peak = frame, log_probs[phone]
    elif phone != 0 and not fresh:
        last, peak = frame, _larger(peak, log_probs[phone])
    token = fetch_add(lanes.control[lane], KEPT, 1)
    lanes.position[lane, token], lanes.score[lane, token] = position, _score_of(candidate) - best
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
    score = _score_of(int(lanes.best[lane, slot]))
    state, phone, source = position >> PHONE_BITS, position & _MASK, token + channels.position.shape[1]
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
                candidate = _packed(moved, source, 1 + skipped + arc - first)
                _offer_epsilon(channels, lanes, stream, lane, there, candidate, int(graph.rank[graph.dest[arc]]))


@inlined
def _offer_epsilon(
    channels: Channels, lanes: Lanes, stream: int, lane: int, position: int, candidate: int, rank: int
) -> None:
    control, claimed, queue = lanes.control[lane], lanes.claimed[lane], lanes.queue[lane]
    slot = _claim(control, lanes.keys[lane], claimed, position, len(claimed))
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
    _empty(lanes, lane)
    barrier()
    if thread() == 0:
        counters[TOKENS] = kept
        counters[RECORDS] = _smaller(int(counters[RECORDS]), channels.prev.shape[1])
        counters[FRAMES] += heard
        channels.offset[stream, 0] += best
        control[FULL] = 0
    barrier()


@uncounted
def best_paths(graph: Graph, channels: Channels, lanes: Lanes, streams: I32, ending: bool, paths: Paths) -> None:
    """Write the best path of every stream since its root.

    Args:
        ending: paths must end a sentence, where any does.
        paths: for B streams; of a path with more steps than there is room for, the newest are written.
    """
    for place in range(block(), len(streams), blocks()):
        control, stream = lanes.control[block()], streams[place]
        _reset(control)
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
            best = _larger(best, _packed(score, token, 0))
    raise_to(control, LEADER, best)
    barrier()


@uncounted_inner
def _write_path(channels: Channels, stream: int, leader: int, paths: Paths, place: int) -> None:
    if leader == NOTHING:
        paths.length[place], paths.score[place] = -1, -np.inf
        return
    token = (_LOW - (leader & _LOW)) >> MOVE_BITS
    root, newest, steps = channels.counters[stream, ROOT], channels.record[stream, token], 0
    record = newest
    while record >= 0 and record != root:
        steps += 1
        record = channels.prev[stream, record]
    room = paths.phone.shape[1]
    kept = _smaller(steps, room)
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
    paths.length[place], paths.score[place] = kept, channels.offset[stream, 0] + _score_of(leader)
    paths.last[place], paths.peak[place] = channels.last[stream, token], channels.peak[stream, token]

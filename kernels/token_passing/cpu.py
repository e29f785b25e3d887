"""Beam search by token passing, compiled by numba; see the package for the contract.

Source: Young, Russell and Thornton, "Token Passing" (CUED TR38, 1989); capacities that tighten the beam follow Kaldi's
cudadecoder (lanes and channels).
"""

from __future__ import annotations

import numpy as np

from kernels.compiled import compiled, inner
from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.memory import F32, FRAMES, I32, OVERFLOWS, RECORDS, ROOT, TOKENS, Channel, Lane
from kernels.token_passing.records import compact

_MASK = (1 << PHONE_BITS) - 1
_ENTRY = (1 << 32) - 1
_BINS = 256
_SPREAD = 0x9E3779B1  # Knuth's multiplicative hash


@compiled
def start(graph: Graph, channel: Channel, lane: Lane, beam: float) -> None:
    """Put the one first token on the start state and follow its epsilon arcs."""
    channel.counters[:] = 0
    channel.counters[TOKENS] = 1
    channel.counters[ROOT] = -1
    channel.offset[0] = 0.0
    channel.position[0] = 0
    channel.score[0] = 0.0
    channel.record[0] = -1
    channel.last[0] = -1
    channel.peak[0] = 0.0
    _follow_epsilons(graph, channel, lane, beam)


@compiled
def advance(
    graph: Graph, channel: Channel, lane: Lane, scores: F32, log_probs: F32, beam: float, max_active: int
) -> None:
    """Pass all tokens through frames.

    Args:
        scores: (T, V) scaled log weights to search by.
        log_probs: (T, V) log posteriors, for peaks only.
        beam: tokens worse than the best by more than this are dropped, nats.
        max_active: most tokens that leave a frame, before epsilon arcs.
    """
    capacity = len(channel.position)
    for row in range(len(scores)):
        if len(channel.prev) - channel.counters[RECORDS] < 2 * capacity:
            compact(channel, lane)
        room = (len(channel.prev) - channel.counters[RECORDS]) // 4
        active = min(max_active, capacity // 2)
        if room < active:
            channel.counters[OVERFLOWS] += 1
            active = max(room, 1)
        count = _expand(graph, channel, lane, scores[row], beam)
        _select(graph, channel, lane, log_probs[row], count, beam, active)
        _follow_epsilons(graph, channel, lane, beam)
        channel.counters[FRAMES] += 1


@compiled
def best_token(graph: Graph, channel: Channel, ending: bool) -> int:
    """The best token, or with ``ending`` the best that may end a sentence; -1 when there is none."""
    best, found = -np.inf, -1
    for token in range(channel.counters[TOKENS]):
        score = channel.score[token]
        if ending:
            score -= graph.final[channel.position[token] >> PHONE_BITS]
        if score > best:
            best, found = score, token
    return found


@inner
def _slot_of(lane: Lane, positions: I32, position: int) -> int:
    """The slot that holds a position, or the empty one where it belongs."""
    mask = len(lane.table) - 1
    slot = ((position * _SPREAD) >> 7) & mask
    while True:
        held = lane.table[slot]
        if held >> 32 != lane.stamp[0] or positions[held & _ENTRY] == position:
            return slot
        slot = (slot + 1) & mask


@inner
def _offer(lane: Lane, count: int, position: int, score: float, source: int, arc: int) -> int:
    """Add a candidate, or improve the one that stands there; return the number of candidates."""
    slot = _slot_of(lane, lane.position, position)
    held = lane.table[slot]
    if held >> 32 == lane.stamp[0]:
        entry = held & _ENTRY
        if score <= lane.score[entry]:
            return count
    else:
        entry = count
        count += 1
        lane.table[slot] = lane.stamp[0] << 32 | entry
        lane.position[entry] = position
    lane.score[entry] = score
    lane.source[entry] = source
    lane.arc[entry] = arc
    return count


@inner
def _expand(graph: Graph, channel: Channel, lane: Lane, weights: F32, beam: float) -> int:
    """All moves of all tokens that stay within the beam of the best so far, as candidates; return how many."""
    lane.stamp[0] += 1
    full = len(lane.position) - len(weights) - 2
    best = _best_move(graph, channel, weights)
    floor = best - beam
    count = 0
    for token in range(channel.counters[TOKENS]):
        position, score = int(channel.position[token]), float(channel.score[token])
        state, phone = position >> PHONE_BITS, position & _MASK
        if count >= full:
            count, floor = _tighten(lane, count, best, beam, floor)
            if count >= full:
                channel.counters[OVERFLOWS] += 1
                break
        blank = score + weights[0]
        if blank >= floor:
            count = _offer(lane, count, state << PHONE_BITS, blank, token, -1)
        if phone and score + weights[phone] >= floor:
            count = _offer(lane, count, position, score + weights[phone], token, -1)
        for arc in range(graph.offsets[state], graph.offsets[state + 1]):
            entered = graph.phone[arc]
            if entered == 0 or entered == phone:
                continue
            moved = score + weights[entered] - graph.cost[arc]
            if moved < floor or count >= full:
                continue
            if moved > best:
                best, floor = moved, max(floor, moved - beam)
            count = _offer(lane, count, (int(graph.dest[arc]) << PHONE_BITS) | int(entered), moved, token, arc)
    return count


@inner
def _best_move(graph: Graph, channel: Channel, weights: F32) -> float:
    """Score of the best move of the best token: a first floor that spares most useless candidates."""
    token = best_token(graph, channel, False)
    position, score = int(channel.position[token]), float(channel.score[token])
    state, phone = position >> PHONE_BITS, position & _MASK
    best = score + max(weights[0], weights[phone])
    for arc in range(graph.offsets[state], graph.offsets[state + 1]):
        entered = graph.phone[arc]
        if entered != 0 and entered != phone:
            best = max(best, score + weights[entered] - graph.cost[arc])
    return float(best)


@inner
def _cut(histogram: I32, score: F32, count: int, best: float, beam: float, limit: int) -> float:
    """The lowest score to keep so that at most ``limit`` candidates stay, to 1/256 of the beam."""
    if count <= limit:
        return best - beam
    histogram[:] = 0
    for entry in range(count):
        place = int((best - score[entry]) / beam * _BINS)
        if place < _BINS:
            histogram[max(place, 0)] += 1
    kept = 0
    for place in range(_BINS):
        kept += histogram[place]
        if kept > limit:
            return best - beam * max(place, 1) / _BINS
    return best - beam


@inner
def _tighten(lane: Lane, count: int, best: float, beam: float, floor: float) -> tuple[int, float]:
    """Candidates are full: keep the better half."""
    floor = max(floor, _cut(lane.histogram, lane.score, count, best, beam, len(lane.position) // 2))
    lane.stamp[0] += 1
    kept = 0
    for entry in range(count):
        if lane.score[entry] >= floor:
            position, score = int(lane.position[entry]), float(lane.score[entry])
            kept = _offer(lane, kept, position, score, int(lane.source[entry]), int(lane.arc[entry]))
    return kept, floor


@inner
def _select(graph: Graph, channel: Channel, lane: Lane, log_probs: F32, count: int, beam: float, active: int) -> None:
    """Make the best candidates the channel's tokens, and records of the arcs they took."""
    best = -np.inf
    for entry in range(count):
        best = max(best, float(lane.score[entry]))
    floor = _cut(lane.histogram, lane.score, count, best, beam, active)
    capacity = len(channel.position) // 2
    frame, kept = int(channel.counters[FRAMES]), 0
    for entry in range(count):
        if lane.score[entry] < floor or kept >= capacity:
            continue
        source, arc, position = int(lane.source[entry]), int(lane.arc[entry]), int(lane.position[entry])
        record, last, peak = int(channel.record[source]), int(channel.last[source]), float(channel.peak[source])
        phone = position & _MASK
        if arc >= 0:
            record = _add_record(channel, record, phone, int(graph.word[arc]), frame, last, peak)
            last, peak = frame, float(log_probs[phone])
        elif phone:
            last, peak = frame, max(peak, float(log_probs[phone]))
        lane.position[kept], lane.score[kept] = position, lane.score[entry] - best  # kept <= entry: already read
        lane.record[kept], lane.last[kept], lane.peak[kept] = record, last, peak
        kept += 1
    for token in range(kept):
        channel.position[token], channel.score[token] = lane.position[token], lane.score[token]
        channel.record[token], channel.last[token] = lane.record[token], lane.last[token]
        channel.peak[token] = lane.peak[token]
    channel.counters[TOKENS] = kept
    channel.offset[0] += best


@inner
def _add_record(
    channel: Channel, prev: int, phone: int, word: int, frame: int, prev_last: int, prev_peak: float
) -> int:
    record = int(channel.counters[RECORDS])
    channel.counters[RECORDS] += 1
    channel.prev[record] = prev
    channel.phone[record] = phone
    channel.word[record] = word
    channel.frame[record] = frame
    channel.prev_last[record] = prev_last
    channel.prev_peak[record] = prev_peak
    return record


@inner
def _follow_epsilons(graph: Graph, channel: Channel, lane: Lane, beam: float) -> None:
    """Copy tokens along epsilon arcs, best path wins, until nothing improves."""
    capacity, pool = len(channel.position), len(channel.prev)
    lane.stamp[0] += 1
    count = channel.counters[TOKENS]
    for token in range(count):
        slot = _slot_of(lane, channel.position, int(channel.position[token]))
        lane.table[slot] = lane.stamp[0] << 32 | token
        lane.queue[token], lane.queued[token] = token, 1
    head, waiting = 0, count
    while waiting:
        token = lane.queue[head]
        head, waiting = (head + 1) % capacity, waiting - 1
        lane.queued[token] = 0
        at = int(channel.position[token])
        state, phone = at >> PHONE_BITS, at & _MASK
        for arc in range(graph.offsets[state], graph.offsets[state + 1]):
            if graph.phone[arc] != 0:
                break
            score = float(channel.score[token]) - float(graph.cost[arc])
            if score < -beam:
                continue
            position = (int(graph.dest[arc]) << PHONE_BITS) | phone
            slot = _slot_of(lane, channel.position, position)
            held = lane.table[slot]
            there = held & _ENTRY if held >> 32 == lane.stamp[0] else count
            if (there == capacity) or channel.counters[RECORDS] == pool:
                channel.counters[OVERFLOWS] += 1
                continue
            if there == count:
                count += 1
                lane.table[slot] = lane.stamp[0] << 32 | there
                channel.position[there] = position
                lane.queued[there] = 0
            elif score <= channel.score[there]:
                continue
            record, word = int(channel.record[token]), int(graph.word[arc])
            if word:
                record = _add_record(channel, record, 0, word, int(channel.counters[FRAMES]), 0, 0.0)
            channel.score[there], channel.record[there] = score, record
            channel.last[there], channel.peak[there] = channel.last[token], channel.peak[token]
            if not lane.queued[there]:
                lane.queue[(head + waiting) % capacity], lane.queued[there] = there, 1
                waiting += 1
    channel.counters[TOKENS] = count

"""Beam search by token passing, compiled by numba; see the package for the contract.

Source: Young, Russell and Thornton, "Token Passing" (CUED TR38, 1989); capacities that tighten the beam follow Kaldi's
cudadecoder (lanes and channels), and what is worse by less than the lattice beam is kept as Kaldi's lattice-faster
decoder keeps it, pruned on the fly without losing a path of the final lattice.
"""

from __future__ import annotations

import numpy as np

from kernels.compiled import compiled, inner
from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.candidates import ENTRY, cut, offer, slot_of, tighten
from kernels.token_passing.memory import (
    DOOR,
    F32,
    FRAMES,
    HUB,
    OVERFLOWS,
    RECORDS,
    ROOT,
    SIDES,
    TOKENS,
    Channel,
    Lane,
)
from kernels.token_passing.records import compact

_MASK = (1 << PHONE_BITS) - 1
_TIGHTER = 0.7  # a lattice beam is multiplied by this until the records fit


def start(graph: Graph, channel: Channel, lane: Lane, beam: float, hub: int = 0, door: int = 0) -> None:
    """Put the one first token on the start state and follow its epsilon arcs.

    Args:
        hub: a state from which this stream alone may go on by the epsilon arcs of a door too.
        door: a state of epsilon arcs that no token is ever on, 0 = none.
    """
    channel.counters[:] = 0
    channel.counters[ROOT], channel.counters[HUB], channel.counters[DOOR] = -1, hub, door
    channel.offset[0] = 0.0
    nothing = np.zeros((0, 1), np.float32)
    advance(graph, channel, lane, nothing, nothing, beam, len(channel.tokens), 0.0)


@compiled
def advance(
    graph: Graph,
    channel: Channel,
    lane: Lane,
    scores: F32,
    log_probs: F32,
    beam: float,
    max_active: int,
    lattice_beam: float,
) -> None:
    """Pass all tokens through frames.

    Args:
        scores: (T, V) scaled log weights to search by.
        log_probs: (T, V) log posteriors, for peaks only.
        beam: tokens worse than the best by more than this are dropped, nats.
        max_active: most tokens that leave a frame, before epsilon arcs.
        lattice_beam: paths worse by less than this where they meet a better one stay as side links; 0 keeps none.
    """
    capacity, rows, counters = len(channel.tokens), len(scores), channel.counters
    for row in range(-1 if counters[TOKENS] == 0 else 0, rows):
        _make_room(channel, lane, lattice_beam)
        room = (len(channel.records) - counters[RECORDS]) // 4
        active = min(max_active, capacity // 2)
        if room < active:
            counters[OVERFLOWS] += 1
            active = max(room, 1)
        lane.stamp[0] += 1
        lane.stamp[1] = 0
        count = _first(channel, lane) if row < 0 else _expand(graph, channel, lane, scores[row], beam, lattice_beam)
        best = -np.inf
        for entry in range(count):
            best = max(best, float(lane.entries[entry].score))
        floor = cut(lane.histogram, lane.entries, count, best, beam, active)
        channel.offset[0] += best
        _make_tokens(graph, channel, lane, log_probs[max(row, 0) : rows], count, best, floor, beam, lattice_beam)
        counters[FRAMES] += row >= 0


@compiled
def best_token(graph: Graph, channel: Channel, ending: bool) -> int:
    """The best token, or with ``ending`` the best that may end a sentence; -1 when there is none."""
    best, found = -np.inf, -1
    for token in range(channel.counters[TOKENS]):
        score = channel.tokens[token].score
        if ending:
            score -= graph.final[channel.tokens[token].position >> PHONE_BITS]
        if score > best:
            best, found = score, token
    return found


@inner
def _make_room(channel: Channel, lane: Lane, lattice_beam: float) -> None:
    """Forget what no path needs when the pools are nearly full, and narrow the lattice until half of them is free."""
    counters, records, sides = channel.counters, len(channel.records), len(channel.sides)
    tight = records - counters[RECORDS] < 2 * len(channel.tokens)
    if not tight and (sides == 0 or 4 * counters[SIDES] < 3 * sides):
        return
    compact(channel, lane, lattice_beam)
    width = lattice_beam
    while width > 0.0 and (2 * counters[RECORDS] > records or 2 * counters[SIDES] > sides):
        counters[OVERFLOWS] += 1
        width = width * _TIGHTER if width > 1.0 else 0.0
        compact(channel, lane, width)


@inner
def _first(channel: Channel, lane: Lane) -> int:
    """The only candidate before the first frame: the start state, by no arc."""
    token = channel.tokens[0]
    token.position, token.record, token.last, token.peak, token.owed = 0, -1, -1, 0.0, 0.0
    entry = lane.entries[0]
    entry.position, entry.score, entry.source, entry.arc, entry.aside, entry.queued = 0, 0.0, 0, -1, -1, 0
    lane.table[slot_of(lane.stamp, lane.table, lane.entries, 0)] = lane.stamp[0] << 32
    return 1


@inner
def _expand(graph: Graph, channel: Channel, lane: Lane, weights: F32, beam: float, lattice_beam: float) -> int:
    """All moves of all tokens that stay within the beam of the best so far, as candidates; return how many."""
    stamp, table, entries, asides, tokens = lane.stamp, lane.table, lane.entries, lane.asides, channel.tokens
    full = len(entries) - len(tokens) - len(weights) - 2
    best = _best_move(graph, channel, weights)
    floor = best - beam
    count = 0
    for token in range(channel.counters[TOKENS]):
        position, score = int(tokens[token].position), float(tokens[token].score)
        state, phone = position >> PHONE_BITS, position & _MASK
        if count >= full:
            count, floor = tighten(lane, count, best, beam, floor)
            if count >= full:
                channel.counters[OVERFLOWS] += 1
                break
        for stay in range(2 if phone else 1):
            emitted = phone if stay else 0
            there = (state << PHONE_BITS) | emitted
            moved = score + weights[emitted]
            if moved >= floor:
                count = offer(stamp, table, entries, asides, tokens, count, there, moved, token, -1, lattice_beam)
        for arc in range(graph.offsets[state], graph.offsets[state + 1]):
            entered = graph.phone[arc]
            if entered == 0 or entered == phone:
                continue
            moved = score + weights[entered] - graph.cost[arc]
            if moved < floor or count >= full:
                continue
            if moved > best:
                best, floor = moved, max(floor, moved - beam)
            there = (int(graph.dest[arc]) << PHONE_BITS) | int(entered)
            count = offer(stamp, table, entries, asides, tokens, count, there, moved, token, arc, lattice_beam)
    return count


@inner
def _best_move(graph: Graph, channel: Channel, weights: F32) -> float:
    """Score of the best move of the best token: a first floor that spares most useless candidates."""
    token = best_token(graph, channel, False)
    position, score = int(channel.tokens[token].position), float(channel.tokens[token].score)
    state, phone = position >> PHONE_BITS, position & _MASK
    best = score + max(weights[0], weights[phone])
    for arc in range(graph.offsets[state], graph.offsets[state + 1]):
        entered = graph.phone[arc]
        if entered != 0 and entered != phone:
            best = max(best, score + weights[entered] - graph.cost[arc])
    return float(best)


@inner
def _make_tokens(
    graph: Graph,
    channel: Channel,
    lane: Lane,
    log_probs: F32,
    count: int,
    best: float,
    floor: float,
    beam: float,
    lattice_beam: float,
) -> None:
    """Make the best candidates the channel's tokens, and what their epsilon arcs lead to, in the order of ranks."""
    entries, queue = lane.entries, lane.queue
    waiting, highest = 0, 0
    for entry in range(count):
        if entries[entry].score >= floor and waiting < len(channel.tokens) // 2:
            rank = int(graph.rank[entries[entry].position >> PHONE_BITS])
            entries[entry].queued = 1 + rank
            queue[waiting] = entry
            waiting, highest = waiting + 1, max(highest, rank)
    kept, candidates, rank = 0, count, 0
    while rank <= highest:
        kept = _resolve(graph, channel, lane, log_probs, rank, waiting, kept, best, lattice_beam)
        before = waiting
        candidates, waiting = _follow(graph, channel, lane, rank, candidates, waiting, best - beam, lattice_beam)
        for place in range(before, waiting):
            highest = max(highest, entries[queue[place]].queued - 1)
        rank += 1
    for token in range(kept):
        channel.tokens[token] = lane.following[token]
    channel.counters[TOKENS] = kept


@inner
def _follow(
    graph: Graph, channel: Channel, lane: Lane, rank: int, count: int, waiting: int, floor: float, lattice_beam: float
) -> tuple[int, int]:
    """Offer what the epsilon arcs of this rank's tokens lead to; return the number of candidates and queued ones."""
    stamp, table, entries, asides, queue = lane.stamp, lane.table, lane.entries, lane.asides, lane.queue
    capacity, hub = len(channel.tokens), channel.counters[HUB]
    door = channel.counters[DOOR] if channel.counters[DOOR] else -1
    for place in range(waiting):
        entry = queue[place]
        if entries[entry].queued != 1 + rank:
            continue
        position, score, token = int(entries[entry].position), float(entries[entry].score), int(entries[entry].source)
        state, phone = position >> PHONE_BITS, position & _MASK
        while state >= 0:
            for arc in range(graph.offsets[state], graph.offsets[state + 1]):
                if graph.phone[arc] != 0:
                    break
                moved = score - float(graph.cost[arc])
                if moved < floor:
                    continue
                dest = int(graph.dest[arc])
                there = (dest << PHONE_BITS) | phone
                held = table[slot_of(stamp, table, entries, there)]
                target = held & ENTRY if held >> 32 == stamp[0] else count
                if target == count or entries[target].queued == 0:
                    if waiting == capacity or count == len(entries):
                        channel.counters[OVERFLOWS] += 1
                        continue
                    if target < count:  # was below the floor: begin anew.
                        entries[target].score, entries[target].aside = -np.inf, -1
                    queue[waiting] = target
                    waiting += 1
                count = offer(
                    stamp,
                    table,
                    entries,
                    asides,
                    channel.tokens,
                    count,
                    there,
                    moved,
                    token + capacity,
                    arc,
                    lattice_beam,
                )
                entries[target].queued = 1 + int(graph.rank[dest])
            state = door if state == hub else -1
    return count, waiting


@inner
def _resolve(
    graph: Graph,
    channel: Channel,
    lane: Lane,
    log_probs: F32,
    rank: int,
    waiting: int,
    kept: int,
    best: float,
    lattice_beam: float,
) -> int:
    """Make the queued candidates of a rank tokens, with a record each that took on something or met others.

    Returns:
        The number of tokens; the ``source`` of a candidate is its token from now on.
    """
    counters, tokens, records, following = channel.counters, channel.tokens, channel.records, lane.following
    capacity, frame = len(tokens), counters[FRAMES]
    for place in range(waiting):
        entry = lane.entries[lane.queue[place]]
        if entry.queued != 1 + rank:
            continue
        source, arc, phone = int(entry.source), int(entry.arc), int(entry.position) & _MASK
        origin = tokens[source] if source < capacity else following[source - capacity]
        entered, word, owed = 0, 0, float(origin.owed)
        if arc >= 0:
            entered, word = int(graph.phone[arc]), int(graph.word[arc])
            owed += float(graph.cost[arc])
        record, last, peak = int(origin.record), int(origin.last), float(origin.peak)
        end = counters[SIDES]
        if lattice_beam > 0.0 and entry.aside >= 0:
            end = _add_sides(graph, channel, lane, lane.queue[place], record, entered, word, lattice_beam)
        score = entry.score - best
        if (entered or word or end > counters[SIDES]) and counters[RECORDS] < len(records):
            made = records[counters[RECORDS]]
            made.alpha, made.prev, made.word, made.frame = channel.offset[0] + score, record, word, frame
            made.last, made.peak, made.paid, made.sides, made.phone = last, peak, owed, end, entered
            record, owed = counters[RECORDS], 0.0
            counters[RECORDS], counters[SIDES] = record + 1, end
        if entered:
            last, peak = frame, float(log_probs[0, phone])
        elif phone and source < capacity:
            last, peak = frame, max(peak, float(log_probs[0, phone]))
        token = following[kept]
        token.position, token.score, token.record = entry.position, score, record
        token.last, token.peak, token.owed = last, peak, owed
        entry.source = kept
        kept += 1
    return kept


@inner
def _add_sides(
    graph: Graph,
    channel: Channel,
    lane: Lane,
    entry: int,
    record: int,
    entered: int,
    word: int,
    lattice_beam: float,
) -> int:
    """Write the worse paths to a candidate as side links of the coming record, the best of equal ones; their end."""
    sides, tokens, capacity = channel.sides, channel.tokens, len(channel.tokens)
    begun, best = int(channel.counters[SIDES]), float(lane.entries[entry].score)
    end, at = begun, int(lane.entries[entry].aside)
    while at >= 0:
        aside = lane.asides[at]
        loss, arc, source = best - float(aside.score), int(aside.arc), int(aside.source)
        at = int(aside.next)
        origin = tokens[source] if source < capacity else lane.following[source - capacity]
        phone, said, paid = 0, 0, float(origin.owed)
        if arc >= 0:
            phone, said = int(graph.phone[arc]), int(graph.word[arc])
            paid += float(graph.cost[arc])
        same = origin.record == record and phone == entered and said == word
        if loss >= lattice_beam or same:
            continue
        place = begun
        while place < end and not (
            sides[place].source == origin.record and sides[place].phone == phone and sides[place].word == said
        ):
            place += 1
        if place == len(sides):
            channel.counters[OVERFLOWS] += 1
        elif place == end or loss < sides[place].loss:
            side = sides[place]
            side.source, side.phone, side.word, side.loss, side.paid = origin.record, phone, said, loss, paid
            if place == end:
                end += 1
    return end

"""The best choice, box by box, compiled by numba; see the package for the contract."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner
from kernels.utterance_assignment import Boxes, Parts

I32: TypeAlias = NDArray[np.int32]
I64: TypeAlias = NDArray[np.int64]

_LANES = 512  # worked on at a time, so that they stay in the cache


def cheapest(utterances: Parts, streams: Parts, found: Boxes, preferred: I64) -> tuple[int, I64]:
    """The least cost, and one choice that has it; four bytes of memory for each position of each box."""
    offsets = np.concatenate([[0], np.cumsum(found.sizes)]).astype(np.int64)
    costs = np.empty(offsets[-1], np.int32)
    _forward(utterances, streams, found, offsets, costs)
    rest = np.diff(streams.bounds) - found.last[-1]  # after the last box only insertions are left
    return int(costs[-1] + rest.sum()), _backward(utterances, streams, found, offsets, costs, preferred)


@compiled
def _forward(utterances: Parts, streams: Parts, found: Boxes, offsets: I64, costs: I32) -> None:
    """Fill the cheapest cost of every position of every box."""
    rows, count = found.first.shape
    widest, longest = 1, 1
    for row in range(rows):
        widest = max(widest, offsets[row + 1] - offsets[row])
        for k in range(count):
            longest = max(longest, found.last[row, k] - found.first[row, k] + 1)
    base = np.empty(widest, np.int32)
    lanes = np.empty((longest, _LANES), np.int32)
    costs[0] = 0
    for row in range(1, rows):
        size = offsets[row + 1] - offsets[row]
        _carry(found, row, costs[offsets[row - 1] : offsets[row]], base)
        best = costs[offsets[row] : offsets[row + 1]]
        length = utterances.bounds[row] - utterances.bounds[row - 1]
        best[:] = base[:size] + length  # everything deleted: what a stream without words near it costs
        stride = 1
        for k in range(count - 1, -1, -1):
            width = found.last[row, k] - found.first[row, k] + 1
            if width > 1:
                first = streams.bounds[k] + found.first[row, k]
                _place_all(utterances, row - 1, streams, first, width, stride, base[:size], lanes, best)
            stride *= width


@inner
def _place_all(
    utterances: Parts,
    utterance: int,
    streams: Parts,
    first: int,
    width: int,
    stride: int,
    base: I32,
    lanes: I32,
    best: I32,
) -> None:
    """Put one utterance on one stream, from every position in the others: many lanes at a time.

    Args:
        first: the first word of the stream that is in the box.
        width: positions in this stream.
        stride: how far apart they lie.
        lanes: (width, lanes) room to work in.
    """
    origins = np.empty(_LANES, np.int64)
    for lane in range(0, len(base) // width, _LANES):
        count = min(_LANES, len(base) // width - lane)
        for c in range(count):
            origins[c] = (lane + c) // stride * (width * stride) + (lane + c) % stride
        for a in range(width):
            for c in range(count):
                lanes[a, c] = base[origins[c] + a * stride]
        _place(utterances, utterance, streams, first, width, lanes, count)
        for a in range(width):
            for c in range(count):
                place = origins[c] + a * stride
                best[place] = min(best[place], lanes[a, c])


@inner
def _place(utterances: Parts, utterance: int, streams: Parts, first: int, width: int, lanes: I32, count: int) -> None:
    """The costs along each lane before the utterance become those after it."""
    diagonal = np.empty(count, np.int32)
    for i in range(utterances.bounds[utterance], utterances.bounds[utterance + 1]):
        spoken, start, end = utterances.ids[i], utterances.start[i], utterances.end[i]
        diagonal[:] = lanes[0, :count]
        lanes[0, :count] += np.int32(1)
        for a in range(1, width):
            j = first + a - 1
            near = start < streams.end[j] and streams.start[j] < end
            wrong = int(spoken != streams.ids[j]) if near else 2  # two: no cheaper than leaving both out
            _step(lanes[a - 1, :count], lanes[a, :count], diagonal, wrong)


@inner
def _step(before: I32, here: I32, diagonal: I32, wrong: int) -> None:
    """One cell of every lane; a function of its own, because only so it is compiled to vector instructions."""
    for c in range(len(here)):
        above = here[c]
        alone = np.int32(min(above, before[c]) + 1)  # the sum of int32 is int64, and half as fast
        here[c] = min(alone, np.int32(diagonal[c] + wrong))
        diagonal[c] = above


@inner
def _carry(found: Boxes, row: int, before: I32, base: I32) -> None:
    """The costs of the box before, seen from this one: beyond its end only insertions lead."""
    count = found.first.shape[1]
    place = np.zeros(count, np.int64)
    stride = np.empty(count, np.int64)
    size = 1
    for k in range(count - 1, -1, -1):
        stride[k] = size
        size *= found.last[row - 1, k] - found.first[row - 1, k] + 1
    source, extra, total = 0, 0, 1
    for k in range(count):
        low = found.first[row, k]
        inside = min(low, found.last[row - 1, k])
        source += (inside - found.first[row - 1, k]) * stride[k]
        extra += low - inside
        total *= found.last[row, k] - low + 1
    for flat in range(total):
        base[flat] = before[source] + extra
        k = count - 1
        while k >= 0:  # the next position, last stream first
            at = found.first[row, k] + place[k]
            if at < found.last[row, k]:
                if at < found.last[row - 1, k]:
                    source += stride[k]
                else:
                    extra += 1
                place[k] += 1
                break
            reached = min(at, found.last[row - 1, k])
            inside = min(found.first[row, k], found.last[row - 1, k])
            source -= (reached - inside) * stride[k]
            extra -= (at - reached) - (found.first[row, k] - inside)
            place[k] = 0
            k -= 1


@compiled
def _backward(utterances: Parts, streams: Parts, found: Boxes, offsets: I64, costs: I32, preferred: I64) -> I64:
    """Walk the boxes back from the end, placing each utterance again on the lane that explains its cost."""
    rows, count = found.first.shape
    choice = np.zeros(rows - 1, np.int64)
    position = found.last[rows - 1].copy()
    widest = 1
    for row in range(rows):
        for k in range(count):
            widest = max(widest, found.last[row, k] - found.first[row, k] + 1)
    lane, origin = np.empty(widest, np.int32), np.empty(widest, np.int64)
    for row in range(rows - 1, 0, -1):
        for k in range(count):
            position[k] = min(position[k], found.last[row, k])
        target = _cost_at(found, row, offsets, costs, position)
        for turn in range(-1, count):
            k = preferred[row - 1] if turn < 0 else turn
            width = position[k] - found.first[row, k] + 1
            end = position[k]
            for a in range(width):
                position[k] = found.first[row, k] + a
                lane[a] = _carried(found, row, offsets, costs, position)
                origin[a] = position[k]
            position[k] = end
            _trace(utterances, row - 1, streams, streams.bounds[k] + found.first[row, k], width, lane, origin)
            if lane[width - 1] == target:
                choice[row - 1] = k
                position[k] = origin[width - 1]
                break
    return choice


@inner
def _cost_at(found: Boxes, row: int, offsets: I64, costs: I32, position: I64) -> int:
    place = 0
    for k in range(len(position)):
        place = place * (found.last[row, k] - found.first[row, k] + 1) + position[k] - found.first[row, k]
    cost: int = costs[offsets[row] + place]
    return cost


@inner
def _carried(found: Boxes, row: int, offsets: I64, costs: I32, position: I64) -> int:
    """What one position costs before the utterance of this row is placed."""
    place, extra = 0, 0
    for k in range(len(position)):
        reached = min(position[k], found.last[row - 1, k])
        place = place * (found.last[row - 1, k] - found.first[row - 1, k] + 1) + reached - found.first[row - 1, k]
        extra += position[k] - reached
    cost: int = costs[offsets[row - 1] + place] + extra
    return cost


@inner
def _trace(utterances: Parts, utterance: int, streams: Parts, word: int, width: int, lane: I32, origin: I64) -> None:
    """As ``_place`` for one lane, and where on the lane each cost came from."""
    for i in range(utterances.bounds[utterance], utterances.bounds[utterance + 1]):
        spoken, start, end = utterances.ids[i], utterances.start[i], utterances.end[i]
        diagonal, came = lane[0], origin[0]
        lane[0] += 1
        for a in range(1, width):
            above, above_came = lane[a], origin[a]
            cost, source = above + 1, above_came
            if lane[a - 1] + 1 < cost:
                cost, source = lane[a - 1] + 1, origin[a - 1]
            j = word + a - 1
            if start < streams.end[j] and streams.start[j] < end:
                paired = diagonal + (spoken != streams.ids[j])
                if paired < cost:
                    cost, source = paired, came
            lane[a], origin[a] = cost, source
            diagonal, came = above, above_came

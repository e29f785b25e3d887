"""Attention over a ring compiled by numba, without memory of its own; see the package for the contract."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.attention_ring import check
from kernels.compiled import compiled, summing
from kernels.exponential import Powers, exponentiate, powers
from kernels.slots import check_slots

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

LANES = 32  # what compilers make of an inner loop takes so many numbers at once, and the rest one by one


class Scratch(NamedTuple):
    """Working memory of one thread; rows are filled up with zeros to whole ``LANES``."""

    queries: F32  # (n, D up) rotated and scaled
    keys: F32  # (L + n, D up) rotated
    values: F32  # (L + n, D up)
    mixed: F32  # (D up,)
    weights: F32  # (L + n,)
    powers: Powers  # (L + n,)


def scratch(left: int, fresh: int, depth: int) -> Scratch:
    """Working memory for chunks of up to ``fresh`` tokens; nothing is allocated afterwards."""
    window, room = left + fresh, -(-depth // LANES) * LANES
    return Scratch(
        np.zeros((fresh, room), np.float32),
        np.zeros((window, room), np.float32),
        np.zeros((window, room), np.float32),
        np.zeros(room, np.float32),
        np.zeros(window, np.float32),
        powers(window),
    )


def attend(
    projected: F32, slot: I32, heard: I32, keys: F32, values: F32, cosines: F32, sines: F32, heads: int,
    memory: Scratch, out: F32,
) -> None:  # fmt: skip
    """Attend, and move the rings on.

    Args:
        projected, slot, heard, keys, values, cosines, sines, heads, out: see the package; all float32.
        memory: for these sizes.

    Raises:
        ValueError: a shape does not fit, or a slot does not exist.
    """
    arrays = (projected, slot, heard, keys, values, cosines, sines, out)
    check(heads, *[array.shape for array in arrays])
    check_slots(slot.tolist(), len(keys))
    attend_checked(projected, slot, heard, keys, values, cosines, sines, heads, memory, out)


@compiled
def attend_checked(
    projected: F32, slot: I32, heard: I32, keys: F32, values: F32, cosines: F32, sines: F32, heads: int,
    memory: Scratch, out: F32,
) -> None:  # fmt: skip
    """The same for callers that are compiled themselves: what does not fit is not noticed."""
    fresh, left, width = projected.shape[1], keys.shape[1], keys.shape[2]
    depth = width // heads
    for b in range(len(projected)):
        known = min(np.int64(heard[b]), left)
        oldest, first = (np.int64(heard[b]) - known) % left, left - known
        new, ring_keys, ring_values = projected[b], keys[slot[b]], values[slot[b]]
        for h in range(heads):
            at = h * depth
            _rotate(new[:, at : at + depth], cosines[left:], sines[left:], memory.queries)
            for j in range(known):
                place = oldest + j - (left if oldest + j >= left else 0)
                _rotate_row(ring_keys[place, at : at + depth], cosines[first + j], sines[first + j], memory.keys[j])
                _copy(ring_values[place, at : at + depth], memory.values[j])
            _rotate(new[:, width + at : width + at + depth], cosines[left:], sines[left:], memory.keys[known:])
            for i in range(fresh):
                _copy(new[i, 2 * width + at : 2 * width + at + depth], memory.values[known + i])
            for i in range(fresh):
                _mix(memory, i, known + fresh, out[b, i, at : at + depth])
        for i in range(max(fresh - left, 0), fresh):
            place = (np.int64(heard[b]) + i) % left
            _copy(new[i, width : 2 * width], ring_keys[place])
            _copy(new[i, 2 * width :], ring_values[place])


@summing
def _rotate(x: F32, cosines: F32, sines: F32, turned: F32) -> None:
    for i in range(len(x)):
        _rotate_row(x[i], cosines[i], sines[i], turned[i])


@summing
def _rotate_row(x: F32, cosines: F32, sines: F32, turned: F32) -> None:
    half = len(x) // 2
    for d in range(half):
        first, second = x[d], x[half + d]
        turned[d] = first * cosines[d] - second * sines[d]
        turned[half + d] = second * cosines[d] + first * sines[d]


@summing
def _copy(x: F32, to: F32) -> None:
    for d in range(len(x)):
        to[d] = x[d]


@summing
def _mix(memory: Scratch, i: int, count: int, out: F32) -> None:
    """Mix the values of one head for query ``i``."""
    query, weights, mixed = memory.queries[i], memory.weights[:count], memory.mixed
    scale, highest = np.float32(1.0 / np.sqrt(len(out))), np.float32(-np.inf)
    for j in range(count):
        key, score = memory.keys[j], np.float32(0.0)
        for d in range(len(query)):
            score += query[d] * key[d]
        weights[j] = score * scale
        highest = max(highest, weights[j])
    for j in range(count):
        weights[j] -= highest
    exponentiate(weights, memory.powers)
    mixed[:] = np.float32(0.0)
    for j in range(count % 4):
        value, w = memory.values[j], weights[j]
        for d in range(len(mixed)):
            mixed[d] += w * value[d]
    for j in range(count % 4, count, 4):
        _add_four(weights[j : j + 4], memory.values[j : j + 4], mixed)
    total = np.float32(0.0)
    for j in range(count):
        total += weights[j]
    for d in range(len(out)):
        out[d] = mixed[d] / total


@summing
def _add_four(weights: F32, values: F32, mixed: F32) -> None:
    v0, v1, v2, v3 = values[0], values[1], values[2], values[3]
    w0, w1, w2, w3 = weights[0], weights[1], weights[2], weights[3]
    for d in range(len(mixed)):
        mixed[d] += w0 * v0[d] + w1 * v1[d] + w2 * v2[d] + w3 * v3[d]

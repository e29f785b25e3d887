"""The middle of a convolution module compiled by numba, without memory of its own; see the package for the contract."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner, summing
from kernels.convolution_ring import EPSILON, check
from kernels.exponential import Powers, exponentiate, powers
from kernels.slots import check_slots

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

_ONE, _ZERO, _EPSILON = np.float32(1.0), np.float32(0.0), np.float32(EPSILON)


class Scratch(NamedTuple):
    """Working memory of one thread."""

    gated: F32  # (K - 1 + n, W) earlier tokens, then new ones
    exponentials: F32  # (W,)
    powers: Powers  # (W,)


def scratch(taps: int, fresh: int, width: int) -> Scratch:
    """Working memory for chunks of up to ``fresh`` tokens; nothing is allocated afterwards."""
    return Scratch(np.empty((taps - 1 + fresh, width), np.float32), np.empty(width, np.float32), powers(width))


def convolve(
    entered: F32, slot: I32, heard: I32, ring: F32, taps: F32, bias: F32, scale: F32, shift: F32,
    memory: Scratch, out: F32,
) -> None:  # fmt: skip
    """Convolve, and move the ring on.

    Args:
        entered, slot, heard, ring, taps, bias, scale, shift, out: see the package; all float32.
        memory: for these sizes.

    Raises:
        ValueError: a shape does not fit, or a slot does not exist.
    """
    check(*[array.shape for array in (entered, slot, heard, ring, taps, bias, scale, shift, out)])
    check_slots(slot.tolist(), len(ring))
    convolve_checked(entered, slot, heard, ring, taps, bias, scale, shift, memory, out)


@compiled
def convolve_checked(
    entered: F32, slot: I32, heard: I32, ring: F32, taps: F32, bias: F32, scale: F32, shift: F32,
    memory: Scratch, out: F32,
) -> None:  # fmt: skip
    """The same for callers that are compiled themselves: what does not fit is not noticed."""
    fresh, kept, width = entered.shape[1], ring.shape[1], ring.shape[2]
    for b in range(len(entered)):
        told, mine = np.int64(heard[b]), ring[slot[b]]
        for place in range(kept):
            token = told - kept + place
            if token < 0:
                memory.gated[place] = _ZERO
            else:
                _copy(mine[token % kept], memory.gated[place])
        for i in range(fresh):
            _gate(entered[b, i, :width], entered[b, i, width:], memory.gated[kept + i], memory)
        for i in range(fresh):
            _sum_taps(memory.gated[i : i + kept + 1], taps, bias, out[b, i])
            _normalise(out[b, i], scale, shift)
            _silu(out[b, i], memory)
        for i in range(max(fresh - kept, 0), fresh):
            _copy(memory.gated[kept + i], mine[(told + i) % kept])


@inner
def _copy(x: F32, to: F32) -> None:
    for w in range(len(x)):
        to[w] = x[w]


@inner
def _gate(value: F32, gate: F32, gated: F32, memory: Scratch) -> None:
    shrunk = memory.exponentials
    for w in range(len(gate)):
        shrunk[w] = -gate[w]
    exponentiate(shrunk, memory.powers)
    for w in range(len(gate)):
        gated[w] = value[w] / (_ONE + shrunk[w])


@summing
def _sum_taps(gated: F32, taps: F32, bias: F32, out: F32) -> None:
    count = len(taps)
    for w in range(len(out)):
        out[w] = bias[w]
    for k in range(count % 4):
        tap, row = taps[k], gated[k]
        for w in range(len(out)):
            out[w] += tap[w] * row[w]
    for k in range(count % 4, count, 4):
        _add_four(taps[k : k + 4], gated[k : k + 4], out)


@summing
def _add_four(taps: F32, gated: F32, out: F32) -> None:
    t0, t1, t2, t3 = taps[0], taps[1], taps[2], taps[3]
    g0, g1, g2, g3 = gated[0], gated[1], gated[2], gated[3]
    for w in range(len(out)):
        out[w] += t0[w] * g0[w] + t1[w] * g1[w] + t2[w] * g2[w] + t3[w] * g3[w]


@summing
def _normalise(x: F32, scale: F32, shift: F32) -> None:
    mean, variance = _ZERO, _ZERO
    for w in range(len(x)):
        mean += x[w]
    mean /= np.float32(len(x))
    for w in range(len(x)):
        x[w] -= mean
        variance += x[w] * x[w]
    factor = _ONE / np.sqrt(variance / np.float32(len(x)) + _EPSILON)
    for w in range(len(x)):
        x[w] = x[w] * factor * scale[w] + shift[w]


@inner
def _silu(x: F32, memory: Scratch) -> None:
    shrunk = memory.exponentials
    for w in range(len(x)):
        shrunk[w] = -x[w]
    exponentiate(shrunk, memory.powers)
    for w in range(len(x)):
        x[w] /= _ONE + shrunk[w]

"""Log-mel energies compiled by numba, without memory of its own; see the package for the contract.

32 frames are worked on at a time, one to a lane: all loops run over lanes innermost, so they become vector instructions
in which no number of one frame ever meets one of another. Pairs of real samples are transformed as complex ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner
from kernels.log_mel import BINS, LENGTH, POINTS, SHIFT, check
from kernels.log_mel.tables import PREEMPHASIS, roots, triangles, window
from kernels.logarithm import take_logarithms

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

LANES = 32
HALF = POINTS // 2
RADIX = 4

_QUARTER, _PREEMPHASIS = np.float32(0.25), np.float32(PREEMPHASIS)


class Tables(NamedTuple):
    """What frames are multiplied by; made once."""

    window: F32  # (400,)
    turns: F32  # (2, 256) roots of one of order 256, real and imaginary
    untangle: F32  # (2, 256) of order 512
    begin: I32  # (80,) first spectral energy of each mel bin
    end: I32  # (80,)
    weights: F32  # (80, 256)


class Scratch(NamedTuple):
    """Working memory of one thread, lanes innermost."""

    samples: F32  # (400 * LANES,)
    mean: F32  # (LANES,)
    spectrum: F32  # (2, 256 * LANES) real and imaginary
    other: F32  # (2, 256 * LANES)
    energies: F32  # (80 * LANES,)
    bits: I32  # the same memory
    exponents: F32  # (80 * LANES,)


def tables() -> Tables:
    """Make the tables."""
    weights = triangles().T
    return Tables(
        window().astype(np.float32),
        np.array(roots(2, HALF, HALF))[:, 1].astype(np.float32),
        np.array(roots(2, HALF, POINTS))[:, 1].astype(np.float32),
        np.argmax(weights > 0, axis=1).astype(np.int32),
        (HALF - np.argmax(weights[:, ::-1] > 0, axis=1)).astype(np.int32),
        weights.astype(np.float32),
    )


def scratch() -> Scratch:
    """Working memory; nothing is allocated afterwards."""
    energies = np.empty(BINS * LANES, np.float32)
    return Scratch(
        np.zeros(LENGTH * LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty((2, HALF * LANES), np.float32),
        np.empty((2, HALF * LANES), np.float32),
        energies,
        energies.view(np.int32),
        np.empty(BINS * LANES, np.float32),
    )


def log_mel(pcm: NDArray[Any], slot: I32, number: I32, floor: float, table: Tables, memory: Scratch, out: F32) -> None:
    """Write the energies of frames.

    Args:
        pcm, slot, number, floor, out: see the package.

    Raises:
        ValueError: a shape, a type or a slot does not fit, or a frame has no number.
    """
    check(pcm.shape, slot.shape, number.shape, out.shape, floor)
    if pcm.dtype not in (np.int16, np.float32):
        raise ValueError(f"log-mel: samples of type {pcm.dtype}; give int16, or float32 in [-1, 1]")
    if len(slot) and not 0 <= slot.min() <= slot.max() < len(pcm):
        raise ValueError(f"log-mel: slots {slot.min()} to {slot.max()} of {len(pcm)}; give slots that exist")
    if len(number) and number.min() < 0:
        raise ValueError(f"log-mel: frame {number.min()}; frames are numbered from 0")
    scale = np.float32(1.0 if pcm.dtype == np.int16 else 32768.0)
    log_mel_checked(pcm, slot, number, np.float32(np.exp(floor)), scale, table, memory, out)


@compiled
def log_mel_checked(
    pcm: NDArray[Any], slot: I32, number: I32, least: np.float32, scale: np.float32, table: Tables, memory: Scratch,
    out: F32,
) -> None:  # fmt: skip
    """The same for callers that are compiled themselves: ``least`` is the floor's energy, ``scale`` makes int16."""
    for first in range(0, len(slot), LANES):
        lanes = min(LANES, len(slot) - first)
        for lane in range(lanes):
            _gather(pcm[slot[first + lane]], SHIFT * int(number[first + lane]), lane, scale, memory.samples)
        _shape(memory, table.window)
        _transform(memory, table.turns)
        _square(memory, table.untangle)
        _sum_bins(memory, table, least)
        take_logarithms(memory.energies, memory.bits, memory.exponents)
        for lane in range(lanes):
            for b in range(BINS):
                out[first + lane, b] = memory.energies[b * LANES + lane]


@inner
def _gather(ring: NDArray[Any], begin: int, lane: int, scale: np.float32, samples: F32) -> None:
    """Read a frame's samples, from its place in the ring to the ring's end, then from the beginning."""
    place = begin % len(ring)
    before = min(LENGTH, len(ring) - place)
    for i in range(before):
        samples[i * LANES + lane] = np.float32(ring[place + i]) * scale
    for i in range(before, LENGTH):
        samples[i * LANES + lane] = np.float32(ring[i - before]) * scale


@inner
def _shape(memory: Scratch, shape: F32) -> None:
    """Take off the mean and a part of the sample before, and shape by the window; even samples real, odd imaginary."""
    samples, mean = memory.samples, memory.mean
    mean[:] = np.float32(0.0)
    for i in range(LENGTH):
        now = samples[i * LANES : (i + 1) * LANES]
        for lane in range(LANES):
            mean[lane] += now[lane]
    for lane in range(LANES):
        mean[lane] /= np.float32(LENGTH)
    for i in range(LENGTH):
        now, weight = samples[i * LANES : (i + 1) * LANES], shape[i]
        before = samples[max(i - 1, 0) * LANES : (max(i - 1, 0) + 1) * LANES]
        shaped = memory.spectrum[i % 2, i // 2 * LANES : (i // 2 + 1) * LANES]
        for lane in range(LANES):
            shaped[lane] = ((now[lane] - mean[lane]) - _PREEMPHASIS * (before[lane] - mean[lane])) * weight
    memory.spectrum[:, LENGTH // 2 * LANES :] = np.float32(0.0)


@inner
def _transform(memory: Scratch, turns: F32) -> None:
    """Stockham's transform of 256 complex numbers in four passes of radix 4, there and back between two buffers."""
    here, there = memory.spectrum, memory.other
    points, stride = HALF, LANES
    while points > 1:
        quarter = points // RADIX
        for p in range(quarter):
            _butterfly(here, there, p, quarter, stride, turns, HALF // points)
        here, there = there, here
        points, stride = quarter, RADIX * stride


@inner
def _butterfly(here: F32, there: F32, p: int, quarter: int, stride: int, turns: F32, step: int) -> None:
    ar, ai = here[0, stride * p :][:stride], here[1, stride * p :][:stride]
    br, bi = here[0, stride * (p + quarter) :][:stride], here[1, stride * (p + quarter) :][:stride]
    cr, ci = here[0, stride * (p + 2 * quarter) :][:stride], here[1, stride * (p + 2 * quarter) :][:stride]
    dr, di = here[0, stride * (p + 3 * quarter) :][:stride], here[1, stride * (p + 3 * quarter) :][:stride]
    re = there[0, stride * RADIX * p : stride * RADIX * (p + 1)]
    im = there[1, stride * RADIX * p : stride * RADIX * (p + 1)]
    r1, i1 = turns[0, step * p], turns[1, step * p]
    r2, i2 = turns[0, 2 * step * p], turns[1, 2 * step * p]
    r3, i3 = turns[0, 3 * step * p], turns[1, 3 * step * p]
    for q in range(stride):
        sum_r, sum_i, less_r, less_i = ar[q] + cr[q], ai[q] + ci[q], ar[q] - cr[q], ai[q] - ci[q]
        odd_r, odd_i, turn_r, turn_i = br[q] + dr[q], bi[q] + di[q], di[q] - bi[q], br[q] - dr[q]
        re[q], im[q] = sum_r + odd_r, sum_i + odd_i
        x, y = less_r - turn_r, less_i - turn_i
        re[stride + q], im[stride + q] = x * r1 - y * i1, x * i1 + y * r1
        x, y = sum_r - odd_r, sum_i - odd_i
        re[2 * stride + q], im[2 * stride + q] = x * r2 - y * i2, x * i2 + y * r2
        x, y = less_r + turn_r, less_i + turn_i
        re[3 * stride + q], im[3 * stride + q] = x * r3 - y * i3, x * i3 + y * r3


@inner
def _square(memory: Scratch, untangle: F32) -> None:
    """Energies of the 256 lower points of the real transform, from the complex one of half the length."""
    for k in range(HALF):
        low, high = k * LANES, (HALF - k) % HALF * LANES
        ar, ai = memory.spectrum[0, low : low + LANES], memory.spectrum[1, low : low + LANES]
        br, bi = memory.spectrum[0, high : high + LANES], memory.spectrum[1, high : high + LANES]
        energy, wr, wi = memory.other[0, low : low + LANES], untangle[0, k], untangle[1, k]
        for lane in range(LANES):
            even_r, even_i = ar[lane] + br[lane], ai[lane] - bi[lane]
            odd_r, odd_i = ai[lane] + bi[lane], br[lane] - ar[lane]
            re, im = even_r + (odd_r * wr - odd_i * wi), even_i + (odd_r * wi + odd_i * wr)
            energy[lane] = _QUARTER * (re * re + im * im)


@inner
def _sum_bins(memory: Scratch, table: Tables, least: np.float32) -> None:
    for b in range(BINS):
        total = memory.energies[b * LANES : (b + 1) * LANES]
        total[:] = np.float32(0.0)
        for k in range(table.begin[b], table.end[b]):
            energy, weight = memory.other[0, k * LANES : (k + 1) * LANES], table.weights[b, k]
            for lane in range(LANES):
                total[lane] += weight * energy[lane]
        for lane in range(LANES):
            total[lane] = max(total[lane], least)

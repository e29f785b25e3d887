"""Log-mel energies by Triton in one launch; see the package for the contract.

A program makes four frames: pairs of real samples are transformed as complex ones, in eight passes of radix 2 whose
halves and pairs are split and joined in registers and shared memory; no number leaves the program but the result. All
of it is multiplied and added one by one, in float32: the products of tensor cores would round to eleven bits, and three
of them for one need so many registers that they spill (version 1 of the ladder, compiled and dropped).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import triton.language as tl

from kernels.launched import check_device, launched
from kernels.log_mel import BINS, LENGTH, POINTS, SHIFT, check
from kernels.log_mel.tables import PREEMPHASIS, roots, triangles, window

if TYPE_CHECKING:
    from torch import Tensor

HALF = POINTS // 2
TAPS = 32  # spectral energies that a mel bin may have
WARPS = 4  # one a frame: Triton 3.7 does not compile the gathers of more


class Sizes(NamedTuple):
    """What the kernel is compiled for."""

    SCALE: float
    EMPHASIS: float = PREEMPHASIS
    LENGTH: int = LENGTH
    SHIFT: int = SHIFT
    HALF: int = HALF
    PASSES: int = HALF.bit_length() - 1
    BINS: int = BINS
    TAPS: int = TAPS
    FRAMES: int = 4
    BIN_BLOCK: int = 16


class Tables(NamedTuple):
    """What frames are multiplied by, on the device."""

    window: Tensor  # (512,) float32, zeros behind the window
    cosines: Tensor  # (256,) float32, roots of one of order 512
    sines: Tensor
    first: Tensor  # (80,) int32, the first spectral energy of each mel bin
    weights: Tensor  # (80, 32) float32, of the energies from there on


@cache
def tables(device: str) -> Tables:
    """Make the tables and bring them to a device, once."""
    import torch

    cosines, sines = (part[1] for part in roots(2, HALF, POINTS))
    bins = np.pad(triangles().T, ((0, 0), (0, TAPS)))
    first = np.argmax(bins > 0, axis=1)
    weights = np.take_along_axis(bins, first[:, None] + np.arange(TAPS), axis=1)
    parts = [np.pad(window(), (0, POINTS - LENGTH)), cosines, sines, weights]
    shape, cos, sin, taps = (torch.from_numpy(np.asarray(part, np.float32)).to(device) for part in parts)
    return Tables(shape, cos, sin, torch.from_numpy(first.astype(np.int32)).to(device), taps)


def log_mel(pcm: Tensor, slot: Tensor, number: Tensor, floor: float, out: Tensor) -> None:
    """Write the energies of frames.

    Args:
        pcm, slot, number, floor, out: see the package; contiguous and on one device. That slots and frames exist is the
            caller's to know: asking the device would hold it up.

    Raises:
        ValueError: a shape or a type does not fit, or the arrays lie on no GPU.
    """
    check(tuple(pcm.shape), tuple(slot.shape), tuple(number.shape), tuple(out.shape), floor)
    if str(pcm.dtype) not in ("torch.int16", "torch.float32"):
        raise ValueError(f"log-mel: samples of type {pcm.dtype}; give int16, or float32 in [-1, 1]")
    check_device("log-mel", pcm.device.type)
    compiled_for, frames = Sizes(1.0 if pcm.element_size() == 2 else 32768.0), len(slot)
    if frames:
        arguments = (pcm, slot, number, out, *tables(str(pcm.device)), frames, pcm.shape[1], float(np.exp(floor)))
        _log_mel[(-(-frames // compiled_for.FRAMES),)](*arguments, *compiled_for, num_warps=WARPS)


@launched
def _pass(
    re: tl.tensor,
    im: tl.tensor,
    cosines: tl.tensor,
    sines: tl.tensor,
    HALF: tl.constexpr,
    FRAMES: tl.constexpr,
    STRIDE: tl.constexpr,
) -> tuple[tl.tensor, tl.tensor]:
    """One pass of Stockham's transform of radix 2 over (FRAMES, HALF) complex numbers."""
    QUARTER: tl.constexpr = HALF // 2
    pair = tl.arange(0, QUARTER)
    at = pair // STRIDE * (2 * STRIDE)  # the roots are of twice the order
    cos, sin = tl.load(cosines + at)[None, :], tl.load(sines + at)[None, :]
    a_re, b_re = tl.split(tl.permute(tl.reshape(re, (FRAMES, 2, QUARTER)), (0, 2, 1)))
    a_im, b_im = tl.split(tl.permute(tl.reshape(im, (FRAMES, 2, QUARTER)), (0, 2, 1)))
    less_re, less_im = a_re - b_re, a_im - b_im
    re = tl.join(a_re + b_re, less_re * cos - less_im * sin)
    im = tl.join(a_im + b_im, less_re * sin + less_im * cos)
    re = tl.permute(tl.reshape(re, (FRAMES, QUARTER // STRIDE, STRIDE, 2)), (0, 1, 3, 2))
    im = tl.permute(tl.reshape(im, (FRAMES, QUARTER // STRIDE, STRIDE, 2)), (0, 1, 3, 2))
    return tl.reshape(re, (FRAMES, HALF)), tl.reshape(im, (FRAMES, HALF))


@launched
def _log_mel(
    pcm: tl.tensor,
    slot: tl.tensor,
    number: tl.tensor,
    out: tl.tensor,
    window: tl.tensor,
    cosines: tl.tensor,
    sines: tl.tensor,
    first: tl.tensor,
    weights: tl.tensor,
    frames: tl.tensor,
    room: tl.tensor,
    least: tl.tensor,
    SCALE: tl.constexpr,
    EMPHASIS: tl.constexpr,
    LENGTH: tl.constexpr,
    SHIFT: tl.constexpr,
    HALF: tl.constexpr,
    PASSES: tl.constexpr,
    BINS: tl.constexpr,
    TAPS: tl.constexpr,
    FRAMES: tl.constexpr,
    BIN_BLOCK: tl.constexpr,
) -> None:
    frame = tl.program_id(0) * FRAMES + tl.arange(0, FRAMES)
    real = frame < frames
    record = pcm + (tl.load(slot + frame, real, 0).to(tl.int64) * room)[:, None]
    begin = (tl.load(number + frame, real, 0).to(tl.int64) * SHIFT % room).to(tl.int32)[:, None]

    point = tl.arange(0, HALF)
    even = 2 * point[None, :]
    inside = (even < LENGTH) & real[:, None]  # a frame's length is even
    before = begin + tl.maximum(even - 1, 0)
    earlier = tl.load(record + before % room, inside, 0).to(tl.float32) * SCALE
    now = tl.load(record + (begin + even) % room, inside, 0).to(tl.float32) * SCALE
    later = tl.load(record + (begin + even + 1) % room, inside, 0).to(tl.float32) * SCALE
    mean = (tl.sum(now + later, 1) / LENGTH)[:, None]
    re = ((now - mean) - EMPHASIS * (earlier - mean)) * tl.load(window + even)
    im = ((later - mean) - EMPHASIS * (now - mean)) * tl.load(window + even + 1)

    for turn in tl.static_range(PASSES):
        re, im = _pass(re, im, cosines, sines, HALF, FRAMES, 1 << turn)

    mirrored = tl.broadcast_to(((HALF - point) % HALF)[None, :], (FRAMES, HALF))
    mirrored_re, mirrored_im = tl.gather(re, mirrored, 1), tl.gather(im, mirrored, 1)
    cos, sin = tl.load(cosines + point)[None, :], tl.load(sines + point)[None, :]
    odd_re, odd_im = im + mirrored_im, mirrored_re - re
    real_part = (re + mirrored_re) + (odd_re * cos - odd_im * sin)
    imaginary_part = (im - mirrored_im) + (odd_re * sin + odd_im * cos)
    energy = 0.25 * (real_part * real_part + imaginary_part * imaginary_part)

    bin, tap = tl.arange(0, BIN_BLOCK), tl.arange(0, TAPS)
    for block in tl.static_range(0, BINS, BIN_BLOCK):
        at = tl.load(first + block + bin)[:, None] + tap[None, :]
        at = tl.reshape(tl.minimum(at, HALF - 1), (1, BIN_BLOCK * TAPS))  # behind the last energy weights are 0
        weight = tl.load(weights + (block + bin)[:, None] * TAPS + tap[None, :])
        taken = tl.gather(energy, tl.broadcast_to(at, (FRAMES, BIN_BLOCK * TAPS)), 1)
        total = tl.sum(tl.reshape(taken, (FRAMES, BIN_BLOCK, TAPS)) * weight[None, :, :], 2)
        done = tl.log(tl.maximum(total, least))
        tl.store(out + frame.to(tl.int64)[:, None] * BINS + (block + bin)[None, :], done, real[:, None])

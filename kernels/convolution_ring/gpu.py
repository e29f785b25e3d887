"""The middle of a convolution module by Triton: one launch, one program a stream; see the package for the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import triton
import triton.language as tl

from kernels.convolution_ring import EPSILON, check
from kernels.launched import check_device, launched

if TYPE_CHECKING:
    from torch import Tensor

WARPS = 4
TOKENS = 8  # that are worked on together


class Sizes(NamedTuple):
    """What a kernel is compiled for."""

    FRESH: int
    KEPT: int
    WIDTH: int
    EPSILON: float
    TOKEN_BLOCK: int
    WIDTH_BLOCK: int


def sizes(fresh: int, kept: int, width: int) -> Sizes:
    """Compile-time sizes for chunks of ``fresh`` tokens and ``kept`` earlier ones."""
    return Sizes(fresh, kept, width, EPSILON, min(TOKENS, triton.next_power_of_2(fresh)), triton.next_power_of_2(width))


def convolve(
    entered: Tensor,
    slot: Tensor,
    heard: Tensor,
    ring: Tensor,
    taps: Tensor,
    bias: Tensor,
    scale: Tensor,
    shift: Tensor,
    out: Tensor,
) -> None:
    """Convolve, and move the ring on.

    Args:
        entered, slot, heard, ring, taps, bias, scale, shift, out: see the package; contiguous and on one device;
            ``slot`` and ``heard`` int32, all others float32, float16 or bfloat16. Sums are float32. That slots
            exist and differ is the caller's to know: asking the device would hold it up.

    Raises:
        ValueError: a shape does not fit, or the arrays lie on no GPU.
    """
    arrays = (entered, slot, heard, ring, taps, bias, scale, shift, out)
    check(*[tuple(array.shape) for array in arrays])
    check_device("convolution", entered.device.type)
    compiled_for = sizes(entered.shape[1], ring.shape[1], ring.shape[2])
    _convolve[(entered.shape[0],)](*arrays, *compiled_for, num_warps=WARPS)


@launched
def _gated(entered: tl.tensor, real: tl.tensor, WIDTH: tl.constexpr) -> tl.tensor:
    """Values times logistic gates, zero where nothing is real; both are read as they lie."""
    value = tl.load(entered, real, 0.0).to(tl.float32)
    gate = tl.load(entered + WIDTH, real, 0.0).to(tl.float32)
    return value / (1.0 + tl.exp(-gate))


@launched
def _convolve(
    entered: tl.tensor,
    slot: tl.tensor,
    heard: tl.tensor,
    ring: tl.tensor,
    taps: tl.tensor,
    bias: tl.tensor,
    scale: tl.tensor,
    shift: tl.tensor,
    out: tl.tensor,
    FRESH: tl.constexpr,
    KEPT: tl.constexpr,
    WIDTH: tl.constexpr,
    EPSILON: tl.constexpr,
    TOKEN_BLOCK: tl.constexpr,
    WIDTH_BLOCK: tl.constexpr,
) -> None:
    stream = tl.program_id(0).to(tl.int64)
    told = tl.load(heard + stream)
    mine = ring + tl.load(slot + stream).to(tl.int64) * (KEPT * WIDTH)
    new = entered + stream * (FRESH * 2 * WIDTH)
    channel = tl.arange(0, WIDTH_BLOCK)
    valid = channel < WIDTH
    token = tl.arange(0, TOKEN_BLOCK)

    for begin in tl.range(0, FRESH, TOKEN_BLOCK, num_stages=1):
        total = (
            tl.zeros((TOKEN_BLOCK, WIDTH_BLOCK), tl.float32)
            + tl.load(bias + channel, valid, 0.0).to(tl.float32)[None, :]
        )
        for tap in tl.range(KEPT + 1, num_stages=1):
            at = begin + token - KEPT + tap  # among the new tokens; those before are in the ring
            fresh = ((at >= 0) & (at < FRESH))[:, None] & valid[None, :]
            earlier = ((at < 0) & (told + at >= 0))[:, None] & valid[None, :]
            read = _gated(new + at[:, None] * (2 * WIDTH) + channel[None, :], fresh, WIDTH)
            place = (told + KEPT + at) % KEPT  # at is -KEPT at least
            read += tl.load(mine + place[:, None] * WIDTH + channel[None, :], earlier, 0.0).to(tl.float32)
            total += tl.load(taps + tap * WIDTH + channel, valid, 0.0).to(tl.float32)[None, :] * read
        mean = tl.sum(total, 1) / WIDTH
        centred = tl.where(valid[None, :], total - mean[:, None], 0.0)
        factor = 1.0 / tl.sqrt_rn(tl.sum(centred * centred, 1) / WIDTH + EPSILON)
        y = centred * factor[:, None] * tl.load(scale + channel, valid, 0.0).to(tl.float32)[None, :]
        y += tl.load(shift + channel, valid, 0.0).to(tl.float32)[None, :]
        real = (begin + token < FRESH)[:, None] & valid[None, :]
        done = out + (stream * FRESH + begin + token)[:, None] * WIDTH + channel[None, :]
        tl.store(done, y / (1.0 + tl.exp(-y)), real)

    tl.debug_barrier()  # no warp overwrites what another has not read yet
    for begin in tl.range(FRESH - KEPT if FRESH > KEPT else 0, FRESH, TOKEN_BLOCK, num_stages=1):
        at = begin + token
        real = (at < FRESH)[:, None] & valid[None, :]
        made = _gated(new + at[:, None] * (2 * WIDTH) + channel[None, :], real, WIDTH)
        tl.store(mine + ((told + at) % KEPT)[:, None] * WIDTH + channel[None, :], made, real)

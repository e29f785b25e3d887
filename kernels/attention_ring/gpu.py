"""Attention over a ring by Triton: one launch, one program a stream and head; see the package for the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import triton
import triton.language as tl

from kernels.attention_ring import check
from kernels.launched import check_device, launched

if TYPE_CHECKING:
    from torch import Tensor

SMALLEST = 16  # rows and columns of a matrix product on tensor cores
KEYS = 32  # ring places that are looked at together: twice as many spill registers with 32 queries
WARPS = 4


class Sizes(NamedTuple):
    """What a kernel is compiled for."""

    FRESH: int
    LEFT: int
    WIDTH: int
    HEADS: int
    QUERY_BLOCK: int
    KEY_BLOCK: int
    HALF_BLOCK: int
    PRECISION: str


def sizes(fresh: int, left: int, width: int, heads: int, float32: bool) -> Sizes:
    """Compile-time sizes for chunks of ``fresh`` tokens.

    Rings of float32 are multiplied in three products of TF32 each, which keeps the error near float32's.
    """
    half = width // heads // 2
    return Sizes(
        fresh,
        left,
        width,
        heads,
        max(SMALLEST, triton.next_power_of_2(fresh)),
        min(KEYS, max(SMALLEST, triton.next_power_of_2(left))),
        max(SMALLEST, triton.next_power_of_2(half)),
        "tf32x3" if float32 else "ieee",
    )


def attend(
    projected: Tensor,
    slot: Tensor,
    heard: Tensor,
    keys: Tensor,
    values: Tensor,
    cosines: Tensor,
    sines: Tensor,
    heads: int,
    out: Tensor,
) -> None:
    """Attend, and move the rings on.

    Args:
        projected, slot, heard, keys, values, cosines, sines, heads, out: see the package; contiguous and on one
            device; ``slot`` and ``heard`` int32, ``cosines`` and ``sines`` float32, all others of one type, float32,
            float16 or bfloat16. Sums are float32. That slots exist and differ is the caller's to know: asking the
            device would hold it up.

    Raises:
        ValueError: a shape does not fit, or the arrays lie on no GPU.
    """
    arrays = (projected, slot, heard, keys, values, cosines, sines, out)
    check(heads, *[tuple(array.shape) for array in arrays])
    check_device("attention", projected.device.type)
    streams, fresh = projected.shape[:2]
    compiled_for = sizes(fresh, keys.shape[1], keys.shape[2], heads, keys.element_size() == 4)
    _attend[(streams, heads)](*arrays, *compiled_for, num_warps=WARPS)


@launched
def _attend(
    projected: tl.tensor,
    slot: tl.tensor,
    heard: tl.tensor,
    keys: tl.tensor,
    values: tl.tensor,
    cosines: tl.tensor,
    sines: tl.tensor,
    out: tl.tensor,
    FRESH: tl.constexpr,
    LEFT: tl.constexpr,
    WIDTH: tl.constexpr,
    HEADS: tl.constexpr,
    QUERY_BLOCK: tl.constexpr,
    KEY_BLOCK: tl.constexpr,
    HALF_BLOCK: tl.constexpr,
    PRECISION: tl.constexpr,
) -> None:
    DEPTH: tl.constexpr = WIDTH // HEADS
    HALF: tl.constexpr = DEPTH // 2
    TYPE: tl.constexpr = keys.dtype.element_ty
    stream, head = tl.program_id(0), tl.program_id(1)
    told = tl.load(heard + stream)
    record = tl.load(slot + stream).to(tl.int64) * (LEFT * WIDTH) + head * DEPTH

    row = tl.arange(0, QUERY_BLOCK)
    place = tl.arange(0, KEY_BLOCK)
    pair = tl.arange(0, HALF_BLOCK)
    real = (row < FRESH)[:, None] & (pair < HALF)[None, :]
    new = (
        projected
        + stream.to(tl.int64) * (FRESH * 3 * WIDTH)
        + head * DEPTH
        + row[:, None] * (3 * WIDTH)
        + pair[None, :]
    )
    turn = (LEFT + row)[:, None] * HALF + pair[None, :]
    cosine, sine = tl.load(cosines + turn, real, 0.0), tl.load(sines + turn, real, 0.0)

    scale: tl.constexpr = DEPTH**-0.5
    first, second = tl.load(new, real, 0.0).to(tl.float32), tl.load(new + HALF, real, 0.0).to(tl.float32)
    q1 = ((first * cosine - second * sine) * scale).to(TYPE)
    q2 = ((second * cosine + first * sine) * scale).to(TYPE)

    # The new tokens first: every query sees one of them at least, so the highest score is a number from here on.
    first, second = (
        tl.load(new + WIDTH, real, 0.0).to(tl.float32),
        tl.load(new + WIDTH + HALF, real, 0.0).to(tl.float32),
    )
    k1, k2 = (first * cosine - second * sine).to(TYPE), (second * cosine + first * sine).to(TYPE)
    value1, value2 = tl.load(new + 2 * WIDTH, real, 0.0), tl.load(new + 2 * WIDTH + HALF, real, 0.0)
    scores = tl.dot(q1, tl.trans(k1), input_precision=PRECISION)
    scores = tl.dot(q2, tl.trans(k2), scores, input_precision=PRECISION)
    scores = tl.where((row < FRESH)[None, :], scores, float("-inf"))
    highest = tl.max(scores, 1)
    weights = tl.exp(scores - highest[:, None])
    total = tl.sum(weights, 1)
    mixed1 = tl.dot(weights.to(TYPE), value1, input_precision=PRECISION)
    mixed2 = tl.dot(weights.to(TYPE), value2, input_precision=PRECISION)

    for begin in tl.static_range(0, LEFT, KEY_BLOCK):
        window = begin + place
        seen = (window < LEFT) & (window >= LEFT - told)
        some = seen[:, None] & (pair < HALF)[None, :]
        at = record + ((told + window) % LEFT)[:, None] * WIDTH + pair[None, :]
        turn = window[:, None] * HALF + pair[None, :]
        cosine, sine = tl.load(cosines + turn, some, 0.0), tl.load(sines + turn, some, 0.0)
        first, second = (
            tl.load(keys + at, some, 0.0).to(tl.float32),
            tl.load(keys + at + HALF, some, 0.0).to(tl.float32),
        )
        k1, k2 = (first * cosine - second * sine).to(TYPE), (second * cosine + first * sine).to(TYPE)
        scores = tl.dot(q1, tl.trans(k1), input_precision=PRECISION)
        scores = tl.dot(q2, tl.trans(k2), scores, input_precision=PRECISION)
        scores = tl.where(seen[None, :], scores, float("-inf"))
        higher = tl.maximum(highest, tl.max(scores, 1))
        shrunk = tl.exp(highest - higher)
        weights = tl.exp(scores - higher[:, None])
        total = total * shrunk + tl.sum(weights, 1)
        value1, value2 = tl.load(values + at, some, 0.0), tl.load(values + at + HALF, some, 0.0)
        mixed1 = tl.dot(weights.to(TYPE), value1, mixed1 * shrunk[:, None], input_precision=PRECISION)
        mixed2 = tl.dot(weights.to(TYPE), value2, mixed2 * shrunk[:, None], input_precision=PRECISION)
        highest = higher

    done = out + stream.to(tl.int64) * (FRESH * WIDTH) + head * DEPTH + row[:, None] * WIDTH + pair[None, :]
    tl.store(done, mixed1 / total[:, None], real)
    tl.store(done + HALF, mixed2 / total[:, None], real)

    tl.debug_barrier()  # no warp overwrites what another has not read yet
    stays = real & (row >= FRESH - LEFT)[:, None]
    at = record + ((told + row) % LEFT)[:, None] * WIDTH + pair[None, :]
    for part in tl.static_range(0, DEPTH, HALF):  # read once more, which is cheaper than to keep them in registers
        tl.store(keys + at + part, tl.load(new + WIDTH + part, stays), stays)
        tl.store(values + at + part, tl.load(new + 2 * WIDTH + part, stays), stays)

"""Where everything lies: weights packed into one blob, working memory in one arena, state in one slab.

Compiled code gets one address: that of the control record, an array of int64 which holds sizes and addresses by the
names below. Weights are found through a table with a row for each block and one for what the body has once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from kernels.conformer.tiles import OUTPUTS
from kernels.conformer.weights import HISTORY, SUBSAMPLING, Block, Norm, Product, Weights
from kernels.memory import Arena, Plan, Spec, plan

# The control record: sizes, then addresses.
STREAMS, TOKENS, BINS, WIDTH, HEADS, KERNEL, LEFT, ALPHABET, BLOCKS, FINE_RING, COARSE_RING = range(11)
SHARED, TABLE, CHANNELS, RATES = range(11, 15)
BUFFERS = 15  # the first buffer's address; the others follow in the order of BUFFER_NAMES
BUFFER_NAMES = (
    "features", "frames", "hidden", "entered", "levels", "scales", "x", "slow", "mixed", "wide", "heard",
    "row", "scores", "turns", "known", "scored", "log_probs",
)  # fmt: skip
FEATURES, FRAMES, HIDDEN, ENTERED, LEVELS, SCALES, X, SLOW, MIXED, WIDE, HEARD = range(BUFFERS, BUFFERS + 11)
ROW, SCORES, TURNS, KNOWN, SCORED, LOG_PROBS = range(BUFFERS + 11, BUFFERS + 17)
CONTROL = BUFFERS + len(BUFFER_NAMES)

# A product is five entries of a table row, a norm two.
PRODUCT, NORM = 5, 2
PANELS, SCALE, BIAS, INPUTS, PADDED = range(PRODUCT)
PROJECT, OUT, ENTER, LEAVE, WIDEN, NARROW = range(0, 6 * PRODUCT, PRODUCT)
ATTENTION_NORM, CONVOLUTION_NORM, SETTLE, FEED_NORM = range(6 * PRODUCT, 6 * PRODUCT + 4 * NORM, NORM)
TAPS, TAPS_BIAS = 6 * PRODUCT + 4 * NORM, 6 * PRODUCT + 4 * NORM + 1
BLOCK = TAPS_BIAS + 1

FIRST, SECOND, PAIR, PART, HEAD = range(0, 5 * PRODUCT, PRODUCT)
ENTRY, EXIT = 5 * PRODUCT, 5 * PRODUCT + NORM
MEAN, FACTOR, MIX = range(5 * PRODUCT + 2 * NORM, 5 * PRODUCT + 2 * NORM + 3)
ONCE = MIX + 1

# A stream's row of addresses, in the order of ``channels``.
POSITION, FRAMES_KEPT, HIDDEN_KEPT, FINE_KEYS, FINE_VALUES, COARSE_KEYS, COARSE_VALUES, GATES = range(8)
CHANNEL_NAMES = (
    "heard", "frames", "hidden", "fine_keys", "fine_values", "coarse_keys", "coarse_values", "gates",
)  # fmt: skip

_ALIGN = 64


@dataclass(frozen=True, slots=True)
class Packed:
    """Weights in the order in which they are read.

    Attributes:
        arena: all of them, in one piece.
        once: (ONCE,) int64 addresses and sizes of what the body has once.
        blocks: (blocks, BLOCK) int64 of what each block has.
    """

    arena: Arena
    once: NDArray[np.int64]
    blocks: NDArray[np.int64]


def pack(weights: Weights) -> Packed:
    """Lay all weights out in one blob, whose addresses the tables hold."""
    rows = [list(_once(weights)), *(list(_of_block(block)) for block in weights.blocks)]
    arrays = [entry for row in rows for entry in row if isinstance(entry, np.ndarray)]
    arena, at = Arena(sum(_room(array) for array in arrays)), 0
    tables = []
    for row in rows:
        table = []
        for entry in row:
            if isinstance(entry, np.ndarray):
                arena.view(at, entry.shape, entry.dtype)[...] = entry
                table.append(arena.address + at)
                at += _room(entry)
            else:
                table.append(entry)
        tables.append(table)
    return Packed(arena, np.asarray(tables[0], np.int64), np.asarray(tables[1:], np.int64))


def _room(array: NDArray[Any]) -> int:
    return -(-array.nbytes // _ALIGN) * _ALIGN


def _once(weights: Weights) -> Iterator[NDArray[Any] | int]:
    for product in (weights.first, weights.second, weights.pair, weights.part, weights.head):
        yield from _product(product)
    for norm in (weights.entry, weights.exit):
        yield from _norm(norm)
    yield weights.mean
    yield (1.0 / weights.deviation.astype(float)).astype(np.float32)
    yield weights.mix


def _of_block(block: Block) -> Iterator[NDArray[Any] | int]:
    for product in (block.project, block.out, block.enter, block.leave, block.widen, block.narrow):
        yield from _product(product)
    for norm in (block.attention_norm, block.convolution_norm, block.settle, block.norm):
        yield from _norm(norm)
    yield block.taps
    yield block.taps_bias


def _norm(norm: Norm) -> Iterator[NDArray[Any]]:
    yield norm.gain
    yield norm.bias


def _product(product: Product) -> Iterator[NDArray[Any] | int]:
    padded = padded_outputs(product)
    spare = padded - product.outputs
    yield panels(product.levels)
    yield np.pad(product.scale, (0, spare))
    yield np.pad(product.bias, (0, spare))
    yield product.inputs
    yield padded


def products(weights: Weights) -> list[Product]:
    """All products of a body."""
    once = [weights.first, weights.second, weights.pair, weights.part, weights.head]
    return once + [
        product
        for block in weights.blocks
        for product in (block.project, block.out, block.enter, block.leave, block.widen, block.narrow)
    ]


def padded_outputs(product: Product) -> int:
    """Outputs rounded up to whole panels."""
    return -(-product.outputs // OUTPUTS) * OUTPUTS


def panels(levels: NDArray[np.int8]) -> NDArray[np.int8]:
    """(inputs, outputs) to (panels, pairs of inputs, 16 outputs, 2), zeros where there are no outputs."""
    inputs, outputs = levels.shape
    wide = np.pad(levels, ((0, 0), (0, -outputs % OUTPUTS)))
    return np.ascontiguousarray(wide.reshape(inputs // 2, 2, -1, OUTPUTS).transpose(2, 0, 3, 1))


def rings(left: int, most_tokens: int) -> tuple[int, int]:
    """Places of the rings of keys and values, of blocks at 40 ms and at 80 ms: for past and chunk, in whole tiles."""
    fine, coarse = (-(-(left + chunk) // OUTPUTS) * OUTPUTS for chunk in (most_tokens, most_tokens // 2))
    return fine, coarse


def channels(weights: Weights, most_tokens: int) -> Mapping[str, tuple[DTypeLike, tuple[int, ...]]]:
    """What one stream keeps, for a slab: keys lie turned and by dimension, values by place in the ring."""
    width, blocks = weights.width, len(weights.blocks)
    fine, coarse = rings(weights.left, most_tokens)
    shapes: tuple[tuple[DTypeLike, tuple[int, ...]], ...] = (
        (np.int64, (1,)),
        (np.float32, (HISTORY, len(weights.mean))),
        (np.float32, (HISTORY, width)),
        (np.float32, (2, width, fine)),
        (np.float32, (2, fine, width)),
        (np.float32, (blocks - 2, width, coarse)),
        (np.float32, (blocks - 2, coarse, width)),
        (np.float32, (blocks, weights.kernel - 1, width)),
    )
    return dict(zip(CHANNEL_NAMES, shapes, strict=True))


def tape(weights: Weights, rows: int, most_tokens: int) -> list[Spec]:
    """The buffers of a step over ``rows`` tokens of all streams together, and the phases in which each lives.

    Phases: 0 frames, 1 first convolution, 2 second, 3 positions, 4 first block, 5 pairs, 6 middle blocks, 7 parts,
    8 last block, 9 head.
    """
    width, bins = weights.width, len(weights.mean)
    streams = rows // 2
    inner = max(block.widen.outputs for block in weights.blocks)
    widest = max(weights.first.inputs * 2, weights.second.inputs, inner, 2 * width)  # first has two rows a token
    fine, coarse = rings(weights.left, most_tokens)
    floats = {
        "features": (SUBSAMPLING * rows * bins, 0, 0),
        "frames": ((SUBSAMPLING * rows + HISTORY * streams) * bins, 0, 1),
        "entered": (2 * rows * width, 1, 1),
        "hidden": ((2 * rows + HISTORY * streams) * width, 1, 2),
        "levels": (rows * widest // 2, 1, 9),  # int16
        "scales": (2 * rows, 1, 9),
        "x": (rows * width, 2, 9),
        "slow": (rows // 2 * width, 5, 7),
        "mixed": (rows // 2 * width, 6, 7),
        "wide": (rows * max(3 * width, inner), 4, 8),
        "heard": (rows * width, 4, 8),
        "row": (width, 4, 9),
        "scores": (most_tokens * fine, 4, 8),
        "turns": (2 * (rows + rows // 2) * len(weights.rates), 3, 8),
        "known": (streams * (fine + coarse), 3, 8),
        "scored": (rows * padded_outputs(weights.head), 9, 9),
        "log_probs": (rows * weights.head.outputs, 9, 9),
    }
    return [Spec(name, 4 * count, first, last, _ALIGN) for name, (count, first, last) in floats.items()]


def control_record(
    weights: Weights, packed: Packed, arena: Arena, planned: Plan, most_tokens: int
) -> NDArray[np.int64]:
    """Sizes and addresses for compiled code; streams, tokens and channels are filled in before each step."""
    control = np.zeros(CONTROL, np.int64)
    control[BINS], control[WIDTH], control[HEADS] = len(weights.mean), weights.width, weights.heads
    control[KERNEL], control[LEFT] = weights.kernel, weights.left
    control[ALPHABET], control[BLOCKS] = weights.head.outputs, len(weights.blocks)
    control[FINE_RING], control[COARSE_RING] = rings(weights.left, most_tokens)
    control[SHARED], control[TABLE] = packed.once.ctypes.data, packed.blocks.ctypes.data
    for index, name in enumerate(BUFFER_NAMES):
        control[BUFFERS + index] = arena.address + planned.offsets[name]
    return control


def lanes(weights: Weights, rows: int, most_tokens: int) -> tuple[Arena, Plan]:
    """Working memory of a step."""
    planned = plan(tape(weights, rows, most_tokens))
    return Arena(planned.peak), planned

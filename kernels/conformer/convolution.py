"""Gated causal depthwise convolution of a chunk after the gated rows that its stream keeps, which move on in place."""

from __future__ import annotations

from kernels.compiled import inner
from kernels.conformer.addresses import F32, I64, apart, floats, longs, vector
from kernels.conformer.layout import (
    CHANNEL_NAMES,
    CHANNELS,
    GATES,
    HEARD,
    KERNEL,
    SETTLE,
    STREAMS,
    TAPS,
    TAPS_BIAS,
    TOKENS,
    WIDE,
    WIDTH,
)
from kernels.conformer.rows import gate, normalise, silu, summing

_CHANNELS = len(CHANNEL_NAMES)


@inner
def convolve(control: I64, table: I64, rate: int, block: int) -> None:
    """Gate what a block entered (rows, 2 W) in ``wide``, convolve it, settle it: (rows, W) in ``heard``.

    The gated rows take the place of the first half of ``wide``, one behind the other.
    """
    apart()
    streams, fresh, width, past = control[STREAMS], control[TOKENS] // rate, control[WIDTH], control[KERNEL] - 1
    rows = streams * fresh
    gain, bias = vector(table[SETTLE], width), vector(table[SETTLE + 1], width)
    taps, taps_bias = floats(table[TAPS], past + 1, width), vector(table[TAPS_BIAS], width)
    for row in range(rows):  # row r moves from 2 r W on to r W on, which was read before
        gate(vector(control[WIDE] + 8 * row * width, 2 * width), vector(control[WIDE] + 4 * row * width, width))
    for stream in range(streams):
        gates = longs(control[CHANNELS] + 8 * stream * _CHANNELS, _CHANNELS)[GATES]
        kept = floats(gates + 4 * block * past * width, past, width)
        gated = floats(control[WIDE] + 4 * stream * fresh * width, fresh, width)
        out = floats(control[HEARD] + 4 * stream * fresh * width, fresh, width)
        for token in range(fresh):
            _tap(kept, gated, token, taps, taps_bias, out[token])
            normalise(out[token], gain, bias, out[token])
            silu(out[token], out[token])
        move_on(kept, gated)


@summing
def _tap(kept: F32, gated: F32, token: int, taps: F32, bias: F32, out: F32) -> None:
    """One token's convolution."""
    apart()
    past, width = kept.shape
    for i in range(width):
        out[i] = bias[i]
    for tap in range(past + 1):
        at = token + tap - past
        source = gated[at] if at >= 0 else kept[at + past]
        weight = taps[tap]
        for i in range(width):
            out[i] += weight[i] * source[i]


@inner
def move_on(kept: F32, fresh: F32) -> None:
    """Keep the last rows of what was kept and what is fresh."""
    past, new = len(kept), len(fresh)
    for row in range(past):
        source = kept[row + new] if row + new < past else fresh[row + new - past]
        target = kept[row]
        for i in range(len(target)):
            target[i] = source[i]

"""One chunk of many streams, from feature frames to log-probabilities, as one compiled call that allocates nothing."""

from __future__ import annotations

import numpy as np

from kernels.compiled import compiled, inner
from kernels.conformer.addresses import F32, I64, apart, floats, longs, shorts, vector
from kernels.conformer.attention import attend, place_positions
from kernels.conformer.convolution import convolve
from kernels.conformer.layout import (
    ALPHABET,
    ATTENTION_NORM,
    BINS,
    BLOCK,
    BLOCKS,
    CHANNEL_NAMES,
    CHANNELS,
    CONTROL,
    CONVOLUTION_NORM,
    ENTER,
    ENTERED,
    ENTRY,
    EXIT,
    FACTOR,
    FEATURES,
    FEED_NORM,
    FIRST,
    FRAMES,
    FRAMES_KEPT,
    HEAD,
    HEARD,
    HIDDEN,
    HIDDEN_KEPT,
    INPUTS,
    LEAVE,
    LEVELS,
    LOG_PROBS,
    MEAN,
    MIX,
    MIXED,
    NARROW,
    ONCE,
    OUT,
    PADDED,
    PAIR,
    PART,
    POSITION,
    PROJECT,
    ROW,
    SCALES,
    SCORED,
    SECOND,
    SHARED,
    SLOW,
    STREAMS,
    TABLE,
    TOKENS,
    WIDE,
    WIDEN,
    WIDTH,
    X,
)  # fmt: skip
from kernels.conformer.products import level_rows, most_levels, multiply
from kernels.conformer.rows import copy, level, log_softmax, normalise, silu, square_positive
from kernels.conformer.weights import HISTORY, SUBSAMPLING

_CHANNELS = len(CHANNEL_NAMES)
_WINDOW = HISTORY + 2  # rows that each convolution of the subsampling reads, every second row


@compiled
def advance(address: int) -> None:
    """Make one step.

    Args:
        address: of the control record (``kernels.conformer.layout``).
    """
    control = longs(address, CONTROL)
    once = longs(control[SHARED], ONCE)
    tokens, width, last = control[STREAMS] * control[TOKENS], control[WIDTH], control[BLOCKS] - 1
    levels, scales, wide, heard = control[LEVELS], control[SCALES], control[WIDE], control[HEARD]
    _subsample(control, once)
    place_positions(control)
    # A block is no function of its own: LLVM would optimise all that it calls once more, which takes seconds.
    for block in range(last + 1):
        if block == 1:
            _pair(control, once, tokens // 2)
        if block == last:
            _part(control, once, tokens // 2)
        rate = 1 if block == 0 or block == last else 2
        rows, x = tokens // rate, control[X] if rate == 1 else control[SLOW]
        table = longs(control[TABLE] + 8 * block * BLOCK, BLOCK)
        _level_normal(control, table, ATTENTION_NORM, x, rows)
        multiply(table, PROJECT, levels, scales, rows, wide, 0)
        attend(control, rate, block)
        level_rows(heard, 4 * width, rows, width, levels, scales)
        multiply(table, OUT, levels, scales, rows, x, 1)
        _level_normal(control, table, CONVOLUTION_NORM, x, rows)
        multiply(table, ENTER, levels, scales, rows, wide, 0)
        convolve(control, table, rate, block)
        level_rows(heard, 4 * width, rows, width, levels, scales)
        multiply(table, LEAVE, levels, scales, rows, x, 1)
        _level_normal(control, table, FEED_NORM, x, rows)
        multiply(table, WIDEN, levels, scales, rows, wide, 0)
        inner_width = table[NARROW + INPUTS]
        square_positive(vector(wide, rows * inner_width))
        level_rows(wide, 4 * inner_width, rows, inner_width, levels, scales)
        multiply(table, NARROW, levels, scales, rows, x, 1)
        if rate == 2:
            _mix(control, once, block, rows)
    _read(control, once, tokens)
    for stream in range(control[STREAMS]):
        longs(_kept(control, stream, POSITION), 1)[0] += control[TOKENS]


@inner
def _kept(control: I64, stream: int, channel: int) -> int:
    """Address of what a stream keeps in a channel."""
    return int(longs(control[CHANNELS], control[STREAMS] * _CHANNELS)[stream * _CHANNELS + channel])


@inner
def _subsample(control: I64, once: I64) -> None:
    """Frames (streams, 4 T, F) to vectors (streams T, W) in ``x``."""
    apart()
    streams, tokens, width, bins = control[STREAMS], control[TOKENS], control[WIDTH], control[BINS]
    fresh, halved = SUBSAMPLING * tokens, SUBSAMPLING // 2 * tokens
    mean, factor = vector(once[MEAN], bins), vector(once[FACTOR], bins)
    for stream in range(streams):
        kept = floats(_kept(control, stream, FRAMES_KEPT), HISTORY, bins)
        frames = floats(control[FRAMES] + 4 * stream * (HISTORY + fresh) * bins, HISTORY + fresh, bins)
        given = floats(control[FEATURES] + 4 * stream * fresh * bins, fresh, bins)
        copy(kept, frames)
        for frame in range(fresh):
            for i in range(bins):
                frames[HISTORY + frame, i] = (given[frame, i] - mean[i]) * factor[i]
        copy(frames[fresh:], kept)
        _level_windows(control, frames, stream * halved)
    multiply(once, FIRST, control[LEVELS], control[SCALES], streams * halved, control[ENTERED], 0)
    for stream in range(streams):
        kept = floats(_kept(control, stream, HIDDEN_KEPT), HISTORY, width)
        hidden = floats(control[HIDDEN] + 4 * stream * (HISTORY + halved) * width, HISTORY + halved, width)
        copy(kept, hidden)
        for row in range(halved):
            silu(vector(control[ENTERED] + 4 * (stream * halved + row) * width, width), hidden[HISTORY + row])
        copy(hidden[halved:], kept)
        _level_windows(control, hidden, stream * tokens)
    multiply(once, SECOND, control[LEVELS], control[SCALES], streams * tokens, control[X], 0)
    gain, bias = vector(once[ENTRY], width), vector(once[ENTRY + 1], width)
    for row in range(streams * tokens):
        x = vector(control[X] + 4 * row * width, width)
        normalise(x, gain, bias, x)


@inner
def _level_windows(control: I64, rows: F32, first: int) -> None:
    """Round every second window of rows that lie one after the other to levels, from row ``first`` on."""
    width = rows.shape[1]
    inputs, count = _WINDOW * width, (len(rows) - HISTORY) // 2
    levels, scales = control[LEVELS] + 2 * first * inputs, control[SCALES] + 4 * first
    level_rows(rows.ctypes.data, 8 * width, count, inputs, levels, scales)


@inner
def _level_normal(control: I64, table: I64, norm: int, x: int, rows: int) -> None:
    """Layer norm of rows, rounded to levels."""
    apart()
    width = control[WIDTH]
    gain, bias, normal = vector(table[norm], width), vector(table[norm + 1], width), vector(control[ROW], width)
    most, worth = most_levels(width), vector(control[SCALES], rows)
    for row in range(rows):
        normalise(vector(x + 4 * row * width, width), gain, bias, normal)
        worth[row] = level(normal, shorts(control[LEVELS] + 2 * row * width, width), most)


@inner
def _pair(control: I64, once: I64, rows: int) -> None:
    """Two tokens of ``x`` to one row of ``slow``."""
    inputs = 2 * control[WIDTH]
    level_rows(control[X], 4 * inputs, rows, inputs, control[LEVELS], control[SCALES])
    multiply(once, PAIR, control[LEVELS], control[SCALES], rows, control[SLOW], 0)


@inner
def _mix(control: I64, once: I64, block: int, rows: int) -> None:
    """Add a middle block's share to ``mixed``."""
    count = rows * control[WIDTH]
    slow, mixed = vector(control[SLOW], count), vector(control[MIXED], count)
    share = vector(once[MIX], control[BLOCKS] - 2)[block - 1]
    for i in range(count):
        mixed[i] = share * slow[i] + (mixed[i] if block > 1 else np.float32(0.0))


@inner
def _part(control: I64, once: I64, rows: int) -> None:
    """Add each row of ``mixed`` to its two tokens of ``x``."""
    width = control[WIDTH]
    level_rows(control[MIXED], 4 * width, rows, width, control[LEVELS], control[SCALES])
    multiply(once, PART, control[LEVELS], control[SCALES], rows, control[X], 1)


@inner
def _read(control: I64, once: I64, rows: int) -> None:
    """``x`` to log-probabilities."""
    alphabet, padded = control[ALPHABET], once[HEAD + PADDED]
    _level_normal(control, once, EXIT, control[X], rows)
    multiply(once, HEAD, control[LEVELS], control[SCALES], rows, control[SCORED], 0)
    for row in range(rows):
        scored = vector(control[SCORED] + 4 * row * padded, alphabet)
        log_softmax(scored, vector(control[LOG_PROBS] + 4 * row * alphabet, alphabet))

"""Attention of a chunk on rings of keys and values that are written in place.

A token's position p has place p mod ring in its stream's ring. Keys lie turned by their absolute position, so that a
query turned by its own meets each of them at their distance (Su et al., arXiv 2104.09864); and by dimension, so that
the scores of sixteen places are one vector. Places that hold nothing, or what is too old, are shifted out of the
softmax; they are finite, for a slab's records begin as zeros.
"""

from __future__ import annotations

import numpy as np

from kernels.compiled import inner
from kernels.conformer.addresses import F32, I64, apart, floats, longs, vector
from kernels.conformer.layout import (
    CHANNEL_NAMES,
    CHANNELS,
    COARSE_KEYS,
    COARSE_RING,
    COARSE_VALUES,
    FINE_KEYS,
    FINE_RING,
    FINE_VALUES,
    HEADS,
    HEARD,
    KNOWN,
    LEFT,
    POSITION,
    RATES,
    SCORES,
    STREAMS,
    TOKENS,
    TURNS,
    WIDE,
    WIDTH,
)  # fmt: skip
from kernels.conformer.products import blend
from kernels.conformer.rows import softmax

_CHANNELS = len(CHANNEL_NAMES)
_NEVER = np.float32(-1e30)


@inner
def _ring(control: I64, rate: int) -> int:
    return int(control[FINE_RING] if rate == 1 else control[COARSE_RING])


@inner
def _turns(control: I64, rate: int) -> int:
    """Address of (rows, half a head) cosines, and as many sines behind them."""
    fine = 4 * control[STREAMS] * control[TOKENS] * (control[WIDTH] // control[HEADS])
    return int(control[TURNS] + (0 if rate == 1 else fine))


@inner
def _known(control: I64, rate: int) -> int:
    """Address of (streams, ring) shifts of scores: 0 where a query may look."""
    return int(control[KNOWN] + (0 if rate == 1 else 4 * control[STREAMS] * control[FINE_RING]))


@inner
def place_positions(control: I64) -> None:
    """Cosines and sines of this chunk's positions, and what each place of the rings adds to scores, at both rates."""
    apart()
    streams, left, half = control[STREAMS], control[LEFT], control[WIDTH] // control[HEADS] // 2
    rates = vector(control[RATES], half)
    for rate in range(1, 3):
        fresh, ring, turns = control[TOKENS] // rate, _ring(control, rate), _turns(control, rate)
        cosines, sines = _turn_tables(turns, streams * fresh, half)
        shifts = floats(_known(control, rate), streams, ring)
        for stream in range(streams):
            begin = longs(longs(control[CHANNELS], streams * _CHANNELS)[stream * _CHANNELS + POSITION], 1)[0] // rate
            for token in range(fresh):
                for i in range(half):
                    angle = np.float64(begin + token) * np.float64(rates[i])
                    cosines[stream * fresh + token, i] = np.cos(angle)
                    sines[stream * fresh + token, i] = np.sin(angle)
            for place in range(ring):
                shifts[stream, place] = _NEVER
            for position in range(max(0, begin - left), begin + fresh):
                shifts[stream, position % ring] = np.float32(0.0)


@inner
def _turn_tables(turns: int, rows: int, half: int) -> tuple[F32, F32]:
    return floats(turns, rows, half), floats(turns + 4 * rows * half, rows, half)


@inner
def attend(control: I64, rate: int, block: int) -> None:
    """Turn and keep what a block projected, and attend.

    Reads queries, keys and values (rows, 3 W) from ``wide``; writes (rows, W) to ``heard``.

    Args:
        rate: tokens that a row stands for.
    """
    apart()
    streams, fresh, width, heads = control[STREAMS], control[TOKENS] // rate, control[WIDTH], control[HEADS]
    rows, split, ring = streams * fresh, width // heads, _ring(control, rate)
    keys_at, values_at = (FINE_KEYS, FINE_VALUES) if rate == 1 else (COARSE_KEYS, COARSE_VALUES)
    record = (min(block, 1) if rate == 1 else block - 1) * 4 * width * ring
    projected, scores, score_stride = floats(control[WIDE], rows, 3 * width), control[SCORES], 4 * ring
    cosines, sines = _turn_tables(_turns(control, rate), rows, split // 2)
    for stream in range(streams):
        kept = longs(control[CHANNELS] + 8 * stream * _CHANNELS, _CHANNELS)
        keys, values = kept[keys_at] + record, kept[values_at] + record
        begin, first = longs(kept[POSITION], 1)[0] // rate, stream * fresh
        mine = projected[first : first + fresh]
        _turn(mine, cosines[first : first + fresh], sines[first : first + fresh], heads)
        _keep(mine, floats(keys, width, ring), floats(values, ring, width), begin)
        shift = vector(_known(control, rate) + 4 * stream * ring, ring)
        for head in range(heads):
            at = 4 * head * split
            queries, out = control[WIDE] + 12 * first * width + at, control[HEARD] + 4 * first * width + at
            blend(queries, 12 * width, fresh, split, keys + at * ring, score_stride, ring, scores, score_stride)
            for token in range(fresh):
                softmax(vector(scores + token * score_stride, ring), shift)
            blend(scores, score_stride, fresh, ring, values + at, 4 * width, split, out, 4 * width)


@inner
def _turn(projected: F32, cosines: F32, sines: F32, heads: int) -> None:
    """Turn queries and keys (rows, 3 W) in place, and scale the queries."""
    apart()
    fresh, half = cosines.shape
    scale = np.float32(1.0 / np.sqrt(2.0 * half))
    for token in range(fresh):
        cosine, sine = cosines[token], sines[token]
        for part in range(2 * heads):
            factor = scale if part < heads else np.float32(1.0)
            one = projected[token, 2 * half * part : 2 * half * part + half]
            other = projected[token, 2 * half * part + half : 2 * half * part + 2 * half]
            for i in range(half):
                a, b = one[i], other[i]
                one[i] = (a * cosine[i] - b * sine[i]) * factor
                other[i] = (b * cosine[i] + a * sine[i]) * factor


@inner
def _keep(projected: F32, keys: F32, values: F32, begin: int) -> None:
    """Write the chunk's keys and values to their places."""
    apart()
    ring, width = values.shape
    fresh = len(projected)
    for dimension in range(width):
        for token in range(fresh):
            keys[dimension, (begin + token) % ring] = projected[token, width + dimension]
    for token in range(fresh):
        kept, made = values[(begin + token) % ring], projected[token, 2 * width :]
        for dimension in range(width):
            kept[dimension] = made[dimension]

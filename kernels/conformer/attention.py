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
    HEADS,
    HEARD,
    LEFT,
    POSITION,
    RATES,
    SCORES,
    STREAMS,
    TOKENS,
    WIDE,
    WIDTH,
)
from kernels.conformer.products import blend
from kernels.conformer.rows import softmax

_CHANNELS = len(CHANNEL_NAMES)
_NEVER = np.float32(-1e30)


@inner
def place_positions(control: I64, rate: int, ring: int, turns: int, known: int) -> None:
    """Cosines and sines of this chunk's positions, and what each place of the rings adds to scores.

    Args:
        rate: tokens that a row stands for.
        turns: address of (rows, half a head) cosines, then as many sines.
        known: address of (streams, ring) shifts: 0 where a query may look.
    """
    apart()
    streams, fresh, left = control[STREAMS], control[TOKENS] // rate, control[LEFT]
    half = control[WIDTH] // control[HEADS] // 2
    rates = vector(control[RATES], half)
    cosines, sines = (
        floats(turns, streams * fresh, half),
        floats(turns + 4 * streams * fresh * half, streams * fresh, half),
    )
    shifts = floats(known, streams, ring)
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
def attend(
    control: I64, rate: int, ring: int, turns: int, known: int, keys_at: int, values_at: int, layer: int
) -> None:
    """Turn and keep what a block projected, and attend.

    Reads queries, keys and values (rows, 3 W) from ``wide``; writes (rows, W) to ``heard``.

    Args:
        keys_at: the channel of the keys, (layers, W, ring); ``values_at`` that of the values, (layers, ring, W).
        layer: of those channels.
    """
    apart()
    streams, fresh, width, heads = control[STREAMS], control[TOKENS] // rate, control[WIDTH], control[HEADS]
    rows, split = streams * fresh, width // heads
    half = split // 2
    projected = floats(control[WIDE], rows, 3 * width)
    cosines, sines = floats(turns, rows, half), floats(turns + 4 * rows * half, rows, half)
    size = 4 * width * ring
    for stream in range(streams):
        kept = longs(control[CHANNELS] + 8 * stream * _CHANNELS, _CHANNELS)
        keys_address, values_address = kept[keys_at] + layer * size, kept[values_at] + layer * size
        begin = longs(kept[POSITION], 1)[0] // rate
        first = stream * fresh
        _turn(projected[first : first + fresh], cosines[first : first + fresh], sines[first : first + fresh], heads)
        _keep(
            projected[first : first + fresh],
            floats(keys_address, width, ring),
            floats(values_address, ring, width),
            begin,
        )
        shift = vector(known + 4 * stream * ring, ring)
        for head in range(heads):
            queries = control[WIDE] + 4 * (first * 3 * width + head * split)
            blend(
                queries,
                12 * width,
                fresh,
                split,
                keys_address + 4 * head * split * ring,
                4 * ring,
                ring,
                control[SCORES],
                4 * ring,
            )
            for token in range(fresh):
                softmax(vector(control[SCORES] + 4 * token * ring, ring), shift)
            out = control[HEARD] + 4 * (first * width + head * split)
            blend(
                control[SCORES],
                4 * ring,
                fresh,
                ring,
                values_address + 4 * head * split,
                4 * width,
                split,
                out,
                4 * width,
            )


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

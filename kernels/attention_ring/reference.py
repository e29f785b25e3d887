"""Attention over a ring in plain float64: the tokens of the window are put side by side, then the formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]


def attend(
    projected: F64, slot: I32, heard: I32, keys: F64, values: F64, cosines: F64, sines: F64, heads: int
) -> tuple[F64, F64, F64]:
    """Attend; see the package for shapes.

    Returns:
        What ``out``, ``keys`` and ``values`` hold afterwards.
    """
    streams, fresh, width = projected.shape[0], projected.shape[1], projected.shape[2] // 3
    left, depth = keys.shape[1], width // heads
    out, keys, values = np.empty((streams, fresh, width)), keys.copy(), values.copy()
    for b in range(streams):
        known = min(int(heard[b]), left)
        ring = [(int(heard[b]) - known + place) % left for place in range(known)]
        new_queries, new_keys, new_values = np.split(projected[b], 3, axis=1)
        all_keys = np.concatenate([keys[slot[b], ring], new_keys])
        all_values = np.concatenate([values[slot[b], ring], new_values])
        for h in range(heads):
            own = slice(h * depth, (h + 1) * depth)
            q = rotated(new_queries[:, own], cosines[left:], sines[left:])
            k = rotated(all_keys[:, own], cosines[left - known :], sines[left - known :])
            scores = q @ k.T / np.sqrt(depth)
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            out[b, :, own] = weights / weights.sum(axis=1, keepdims=True) @ all_values[:, own]
        for token in range(fresh):  # where more come than the ring holds, the later ones stay
            keys[slot[b], (heard[b] + token) % left] = new_keys[token]
            values[slot[b], (heard[b] + token) % left] = new_values[token]
    return out, keys, values


def rotated(x: F64, cosines: F64, sines: F64) -> F64:
    """Rotate vectors (places, D): number i and number i + D/2 are the pair of angle i."""
    first, second = np.split(x, 2, axis=1)
    return np.concatenate([first * cosines - second * sines, second * cosines + first * sines], axis=1)


def rotation(places: int, depth: int) -> tuple[F64, F64]:
    """Cosines and sines (places, depth / 2) of rotary positions, 10,000 as the base."""
    angles = np.arange(places)[:, None] * np.exp(np.arange(0, depth, 2) * (-9.21034 / depth))
    return np.cos(angles), np.sin(angles)

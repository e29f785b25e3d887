"""The middle of a convolution module in plain float64: earlier and new gated tokens side by side, then the formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.convolution_ring import EPSILON

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]


def convolve(
    entered: F64, slot: I32, heard: I32, ring: F64, taps: F64, bias: F64, scale: F64, shift: F64
) -> tuple[F64, F64]:
    """Convolve; see the package for shapes.

    Returns:
        What ``out`` and ``ring`` hold afterwards.
    """
    streams, fresh, width = entered.shape[0], entered.shape[1], entered.shape[2] // 2
    kept, out, ring = len(taps) - 1, np.empty((streams, fresh, width)), ring.copy()
    for b in range(streams):
        past = np.zeros((kept, width))
        for back in range(1, min(int(heard[b]), kept) + 1):
            past[-back] = ring[slot[b], (heard[b] - back) % kept]
        gated = np.concatenate([past, entered[b, :, :width] * logistic(entered[b, :, width:])])
        for token in range(fresh):
            out[b, token] = silu(norm(bias + (taps * gated[token : token + kept + 1]).sum(axis=0)) * scale + shift)
        for token in range(fresh):  # where more come than the ring holds, the later ones stay
            ring[slot[b], (heard[b] + token) % kept] = gated[kept + token]
    return out, ring


def logistic(x: F64) -> F64:
    """1 / (1 + exp(-x)), without overflow."""
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0, small, 1.0) / (1.0 + small))


def silu(x: F64) -> F64:
    """The sigmoid linear unit."""
    return x * logistic(x)


def norm(x: F64) -> F64:
    """Mean 0 and variance 1 (W,)."""
    centred = x - x.mean()
    return np.asarray(centred / np.sqrt((centred**2).mean() + EPSILON))

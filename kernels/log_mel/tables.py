"""What the frames are multiplied by: the window, the mel triangles, and roots of one; all in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.log_mel import BINS, LENGTH, POINTS, SAMPLE_RATE

F64 = NDArray[np.float64]

LOWEST_HZ = 20.0
PREEMPHASIS = 0.97


def window() -> F64:
    """Povey's window (400,)."""
    place = np.arange(LENGTH)
    return np.asarray((0.5 - 0.5 * np.cos(2 * np.pi * place / (LENGTH - 1))) ** 0.85)


def triangles() -> F64:
    """How much of each of 256 spectral energies belongs to each mel bin (256, 80); the highest, at 8 kHz, to none."""
    low, high = mel(LOWEST_HZ), mel(SAMPLE_RATE / 2)
    step = (high - low) / (BINS + 1)
    place = (mel(np.arange(POINTS // 2) * (SAMPLE_RATE / POINTS))[:, None] - low) / step - np.arange(BINS)
    return np.maximum(np.minimum(place, 2.0 - place), 0.0)


def mel(hertz: float | NDArray[np.floating[Any]]) -> F64:
    """The mel of a frequency."""
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz) / 700.0))


def roots(rows: int, columns: int, order: int) -> tuple[F64, F64]:
    """Real and imaginary parts (rows, columns) of exp(-2 pi i row column / order)."""
    angles = -2 * np.pi * (np.outer(np.arange(rows), np.arange(columns)) % order) / order
    return np.cos(angles), np.sin(angles)

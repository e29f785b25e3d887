"""Log-mel energies in plain float64, frame by frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.log_mel import LENGTH, POINTS, SHIFT
from kernels.log_mel.tables import PREEMPHASIS, triangles, window

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]


def log_mel(pcm: NDArray[Any], slot: I32, number: I32, floor: float) -> F64:
    """Log-mel energies (F, 80); see the package for the arguments."""
    room = pcm.shape[1]
    scale = 1.0 if pcm.dtype.kind == "i" else 32768.0
    weights, result = triangles(), []
    for which, frame in zip(slot.tolist(), number.tolist(), strict=True):
        samples = pcm[which, (SHIFT * frame + np.arange(LENGTH)) % room].astype(np.float64) * scale
        result.append(energies(samples) @ weights)
    made = np.array(result).reshape(-1, weights.shape[1])
    return np.log(np.maximum(made, np.exp(floor)))


def energies(samples: F64) -> F64:
    """Spectral energies (256,) of the samples (400,) of a frame."""
    centred = samples - samples.mean()
    before = np.concatenate([centred[:1], centred[:-1]])
    spectrum = np.fft.rfft((centred - PREEMPHASIS * before) * window(), POINTS)
    return np.asarray(np.abs(spectrum[:-1]) ** 2)

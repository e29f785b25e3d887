"""One stream's frames: step with samples in any pieces, and what they complete comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.log_mel import BINS, LENGTH, cpu, ready

F32 = NDArray[np.float32]


class Stream:
    """The frames of one stream; a ring of ``room`` samples is all that is kept between steps."""

    def __init__(self, floor: float, dtype: type = np.float32, room: int = 1 << 15) -> None:
        self._floor = floor
        self._pcm: NDArray[Any] = np.zeros((1, room), dtype)
        self._heard = 0
        self._table, self._memory = cpu.tables(), cpu.scratch()

    def step(self, samples: NDArray[Any]) -> F32:
        """Take more samples (n,) of the ring's type, and give the frames (f, 80) that they complete."""
        piece = self._pcm.shape[1] - LENGTH + 1  # up to 399 samples wait for their frame
        made = [self._step(samples[at : at + piece]) for at in range(0, max(len(samples), 1), piece)]
        return np.concatenate(made)

    def _step(self, samples: NDArray[Any]) -> F32:
        before = ready(self._heard)
        store(self._pcm[0], self._heard, samples)
        self._heard += len(samples)
        number = np.arange(before, ready(self._heard), dtype=np.int32)
        out = np.empty((len(number), BINS), np.float32)
        cpu.log_mel(self._pcm, np.zeros_like(number), number, self._floor, self._table, self._memory, out)
        return out


def store(ring: NDArray[Any], heard: int, samples: NDArray[Any]) -> None:
    """Write samples (n,), n at most R, to their places in a ring (R,) after ``heard`` others.

    Raises:
        ValueError: they are more than the ring holds.
    """
    if len(samples) > len(ring):
        raise ValueError(f"{len(samples)} samples for a ring of {len(ring)}; store them in pieces")
    place = heard % len(ring)
    before = min(len(samples), len(ring) - place)
    ring[place : place + before] = samples[:before]
    ring[: len(samples) - before] = samples[before:]

"""How loud audio is: what is quieter than a threshold becomes silence, and words learn their volume.

Volume is the root mean square of 10 ms, in percent of full scale: 0 is silence, a full-scale square wave is 100.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

PIECE = 160  # samples measured together: 10 ms
KEPT = 120 * 100  # pieces remembered: two minutes, more than any word waits to become final


class VolumeGate:
    """The volume of one stream: begin by making it, step with samples, end with what is left.

    Args:
        threshold: percent of full scale; quieter pieces become silence, 0 lets everything pass.
        since: samples of the stream before the first one that is given.
    """

    def __init__(self, threshold: float, since: int = 0) -> None:
        self.threshold = threshold
        self._carry = np.zeros(0, np.float32)
        self._volumes: deque[float] = deque(maxlen=KEPT)
        self._heard = since // PIECE  # pieces

    def step(self, pcm: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take samples in; the whole pieces that they complete come out, quiet ones silenced."""
        joined = np.concatenate([self._carry, pcm]) if len(self._carry) else pcm
        whole = len(joined) - len(joined) % PIECE
        self._carry = joined[whole:].copy()
        return self._gated(joined[:whole])

    def end(self) -> NDArray[np.float32]:
        """The samples after the last whole piece, judged as a piece of their own."""
        rest, self._carry = self._carry, self._carry[:0]
        return self._gated(rest) if len(rest) else rest

    def volume(self, start: int, end: int) -> float | None:
        """How loud a word is, its loud parts counting most, as a listener judges it; None where nothing is known.

        Args:
            start: samples of the stream, 16 kHz.
            end: exclusive.
        """
        oldest = self._heard - len(self._volumes)
        first, last = max(start // PIECE, oldest), min(max(-(-end // PIECE), start // PIECE + 1), self._heard)
        heard = np.asarray([self._volumes[piece - oldest] for piece in range(first, last)])
        if not len(heard):
            return None
        total = float(heard.sum())
        return float((heard * heard).sum() / total) if total else 0.0

    def _gated(self, pcm: NDArray[np.float32]) -> NDArray[np.float32]:
        if not len(pcm):
            return pcm
        pieces = pcm.reshape(-1, PIECE) if len(pcm) % PIECE == 0 else pcm[None]
        volumes = 100.0 * np.sqrt(np.mean(np.square(pieces, dtype=np.float64), axis=1))
        self._volumes.extend(volumes.tolist())
        self._heard += len(volumes)
        quiet = volumes < self.threshold
        return np.where(quiet[:, None], np.float32(0), pieces).reshape(-1) if quiet.any() else pcm

"""A body in ONNX Runtime: float32 on one thread, each stream's state in arrays that every step makes anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from engine.acoustic.executor_choice import Choice
from engine.acoustic.executors import LogProbs

if TYPE_CHECKING:
    from engine.acoustic.body import ModelCard
    from engine.acoustic.frontend import Features


@dataclass(slots=True)
class Kept:
    """What one stream keeps; ``heard`` counts its tokens so far."""

    heard: int
    arrays: dict[str, npt.NDArray[np.float32]]


class OnnxExecutor:
    """A session; any thread may step it."""

    choice = Choice.ONNX_RUNTIME

    def __init__(self, card: ModelCard, content: bytes) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._state = card.state
        self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def reserve(self, streams: int) -> int:
        """Bytes that a stream keeps; nothing is taken, since every step makes them anew."""
        return sum(4 * prod(shape) for shape in self._state.values())

    def begin(self) -> Kept:
        """Zeros."""
        return Kept(0, {name: np.zeros(shape, np.float32) for name, shape in self._state.items()})

    def step(self, streams: Sequence[Kept], features: Features) -> LogProbs:
        """Recognise the next chunk of B streams (B, 8 n, F), and move on what they keep: (B, 2 n, V)."""
        given: dict[str, npt.NDArray[np.float32] | npt.NDArray[np.int64]] = {
            name: np.stack([stream.arrays[name] for stream in streams]) for name in self._state
        }
        given["features"] = features
        given["heard"] = np.asarray([stream.heard for stream in streams], np.int64)
        log_probs, heard, *after = self._session.run(None, given)
        for row, stream in enumerate(streams):
            stream.heard = int(heard[row])
            stream.arrays = {name: array[row] for name, array in zip(self._state, after, strict=True)}
        return np.asarray(log_probs, np.float32)

"""A body in our own compiled step: each stream's state is a slot of a slab, written in place."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from engine.acoustic.body_weights import body_weights
from engine.acoustic.executor_choice import Choice
from engine.acoustic.executors import LogProbs
from engine.errors import ModelError
from engine.phones import FRAME_SHIFT_MS
from engine.slabs import Slabs, Stay
from kernels.conformer.cpu import GRAIN, ChunkStep, Record

if TYPE_CHECKING:
    from engine.acoustic.body import ModelCard
    from engine.acoustic.frontend import Features

_SLOTS = 16  # of a further slab


class OwnExecutor:
    """The step and the slabs of all its streams; any thread may begin and step, one at a time does.

    A slab is taken when a stream begins, never in a step.
    """

    choice = Choice.OWN

    def __init__(self, step: ChunkStep, tokens: int, slots: int = _SLOTS) -> None:
        self._step, self._tokens = step, tokens
        self._streams = Slabs(step.channels, step.record, slots)
        self._lock = Lock()

    @classmethod
    def load(cls, card: ModelCard, content: bytes) -> OwnExecutor:
        """Pack the weights and plan the memory.

        Raises:
            ModelError: the file is damaged, or no body for this step.
        """
        weights = body_weights(content, card.state["keys"][1], card.body)
        try:
            step = ChunkStep(weights, max(card.chunk_ms) // FRAME_SHIFT_MS)
        except ValueError as wrong:
            raise ModelError(card.body, f"{wrong}; serve it with --body ort") from None
        made = cls(step, len(card.tokens))
        made.step([made.begin()], np.zeros((1, GRAIN, card.state["frames"][1]), np.float32))  # compiles, at first
        return made

    def reserve(self, streams: int) -> int:
        """Take what so many streams at a time keep, all of them together; bytes of one.

        Raises:
            MemoryError: the system has not so much.
        """
        self._streams.reserve(streams)
        return self._streams.record

    def begin(self) -> Stay[Record]:
        """A slot of zeros, given back when its last holder lets go."""
        return self._streams.join()

    def step(self, streams: Sequence[Stay[Record]], features: Features) -> LogProbs:
        """Recognise the next chunk of B streams (B, 8 n, F), and move on what they keep: (B, 2 n, V).

        Raises:
            ValueError: the chunk is longer than those that the memory was planned for.
        """
        out = np.empty((len(streams), features.shape[1] // 4, self._tokens), np.float32)
        with self._lock:
            self._step([stream.kept for stream in streams], features, out)
        return out

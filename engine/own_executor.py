"""A body in our own compiled step: each stream's state is a slot of a slab, written in place."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from engine.body_weights import body_weights
from engine.errors import ModelError
from engine.executor_choice import Choice
from engine.executors import LogProbs
from engine.phones import FRAME_SHIFT_MS
from kernels.conformer.cpu import GRAIN, ChunkStep, Record
from kernels.memory import Slab, Slot

if TYPE_CHECKING:
    from engine.body import ModelCard
    from engine.frontend import Features

_SLOTS = 16  # of a slab; a further slab is taken when a stream begins and all slots are taken


class Stay:
    """One stream's slot, given back when its last holder lets go."""

    def __init__(self, record: Record) -> None:
        self.record = record


class OwnExecutor:
    """The step and the slabs of all its streams; any thread may begin and step, one at a time does.

    A slab is taken when a stream begins, never in a step.
    """

    choice = Choice.OWN

    def __init__(self, step: ChunkStep, tokens: int, slots: int = _SLOTS) -> None:
        self._step, self._tokens, self._slots = step, tokens, slots
        self._slabs: list[Slab] = []
        self._left: deque[Slot] = deque()  # given back; a finaliser may run anywhere and takes no lock
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

    def begin(self) -> Stay:
        """A slot of zeros."""
        with self._lock:
            while self._left:
                slot = self._left.popleft()
                slot.slab.release(slot)
            slab = next((one for one in self._slabs if one.free), None)
            if slab is None:
                slab = Slab(self._step.channels, self._slots)
                self._slabs.append(slab)
            slot = slab.acquire()
            stay = Stay(self._step.record(slab, slot))
        weakref.finalize(stay, self._left.append, slot).atexit = False
        return stay

    def step(self, streams: Sequence[Stay], features: Features) -> LogProbs:
        """Recognise the next chunk of B streams (B, 8 n, F), and move on what they keep: (B, 2 n, V).

        Raises:
            ValueError: the chunk is longer than those that the memory was planned for.
        """
        out = np.empty((len(streams), features.shape[1] // 4, self._tokens), np.float32)
        with self._lock:
            self._step([stream.record for stream in streams], features, out)
        return out

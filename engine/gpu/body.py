"""The body on a device behind the seam of ``engine.acoustic.body``: begin, step, end, by a slot instead of arrays."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.acoustic.body import FRAMES_PER_TOKEN, GRAIN, ModelCard, read_card
from engine.acoustic.frontend import Features
from engine.errors import ModelError, StreamError
from engine.gpu.choice import choose
from engine.gpu.executor import Executor, LogProbs
from engine.gpu.weights import read_body

MS_PER_FRAME = 10
VERSION = 1  # of what the device's step computes; another number, another recogniser


class DeviceState:
    """What one stream has on the device: a slot, given back when the stream ends or its last holder lets go."""

    def __init__(self, chunk_ms: int, executor: Executor) -> None:
        self.chunk_ms, self.heard = chunk_ms, 0
        self.slot = executor.acquire()
        self._give_back = weakref.finalize(self, executor.release, self.slot)

    @property
    def over(self) -> bool:
        """The slot was given back."""
        return not self._give_back.alive

    def close(self) -> None:
        """Give the slot back; only the first call does anything."""
        self._give_back()


class DeviceBody:
    """A body on a device; its streams share one executor.

    Attributes:
        card: what model.toml says.
        operations: by what each operation that may have a kernel is computed, ``triton`` or ``torch``.
        planned: bytes taken at start: of the streams' state, and of the arena of activations.
    """

    def __init__(self, card: ModelCard, executor: Executor, operations: Mapping[str, str]) -> None:
        self.card, self.operations = card, operations
        self._executor = executor
        self.planned = {"state": executor.slab.slots * executor.slab.record, "arena": executor.arena_bytes}

    @property
    def digest(self) -> str:
        """Of its file and of what computes it: equal digests hear equally."""
        return hashlib.sha256(f"{self.card.digest} device {VERSION}".encode()).hexdigest()

    @classmethod
    def load(
        cls, folder: Path, device: str, streams: int, batch: int, chunk_ms: Sequence[int] | None = None
    ) -> DeviceBody:
        """Load a model folder, take all memory, and capture all graphs.

        Args:
            device: as torch calls it; checked before by ``engine.gpu.device``.
            streams: most streams at a time.
            batch: most streams in a step.
            chunk_ms: lengths of chunks that are stepped in batches; None takes all that the model was trained for.

        Raises:
            ModelError: the folder has no model, or one that this executor cannot run.
        """
        card = read_card(folder)
        shape, weights = read_body(folder / card.body, card)
        chosen = choose(device)
        chunks = [ms // MS_PER_FRAME for ms in chunk_ms or card.chunk_ms]
        executor = Executor(shape, weights, device, chosen, chunks, streams, batch)
        return cls(card, executor, {name: one.by for name, one in chosen.items()})

    def under(self, card: ModelCard) -> DeviceBody:
        """The same network, in the same memory, for another model that has it.

        Raises:
            ModelError: the other model has another one.
        """
        if card.digest != self.card.digest:
            raise ModelError(f"{card.name}/{card.version}", f"has another body than {self.card.name}; load it apart")
        return DeviceBody(card, self._executor, self.operations)

    def reserve(self, streams: int) -> int:
        """Bytes that a stream keeps outside the device: none, and its slots were taken when the body was loaded."""
        return 0

    def begin(self, chunk_ms: int = 640) -> DeviceState:
        """Give a slot to a stream that has heard nothing.

        Raises:
            ModelError: the model was not trained for this chunk.
            kernels.memory.FullError: all slots are taken.
        """
        if chunk_ms not in self.card.chunk_ms:
            raise ModelError(
                self.card.name, f"not trained for chunks of {chunk_ms} ms; choose one of {list(self.card.chunk_ms)}"
            )
        return DeviceState(chunk_ms, self._executor)

    def step(self, states: Sequence[DeviceState], features: Features) -> LogProbs:
        """Recognise the next chunk of B streams together, and move their states on.

        Args:
            states: of the B streams; changed in place.
            features: (B, 8 n, 80) frames of ``Frontend``; a chunk of ``chunk_ms``, or less at a stream's end.

        Returns:
            (B, 2 n, tokens) natural log-probabilities, 40 ms each.

        Raises:
            StreamError: a stream is over.
            ValueError: the shape does not fit, or a feature is not finite.
        """
        if any(state.over for state in states):
            raise StreamError("step after end: begin a new stream")
        slots, heard = [state.slot for state in states], [state.heard for state in states]
        log_probs = self._executor.step(slots, heard, features)
        for state in states:
            state.heard += log_probs.shape[1]
        return log_probs

    def end(self, state: DeviceState, features: Features) -> LogProbs:
        """Recognise the last frames of one stream, fewer than a chunk; what is missing repeats the last frame.

        Args:
            state: of the stream, which is over afterwards; its slot is given back.
            features: (n, 80), any n.

        Returns:
            (ceil(n / 4), tokens) log-probabilities.

        Raises:
            StreamError: the stream is over.
        """
        if state.over:
            raise StreamError("end after end: begin a new stream")
        heard = [np.zeros((0, len(self.card.tokens)), np.float32)]
        if len(features):
            whole = np.concatenate([features, np.repeat(features[-1:], -len(features) % GRAIN, axis=0)])
            heard.append(self.step([state], whole[None])[0, : -(-len(features) // FRAMES_PER_TOKEN)])
        state.close()
        return heard[-1]

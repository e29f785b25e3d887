"""What computes a body's steps: ONNX Runtime, or our own compiled step where the processor suits it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.acoustic.body_weights import suits
from engine.acoustic.executor_choice import Choice
from engine.errors import ModelError

if TYPE_CHECKING:
    from engine.acoustic.body import ModelCard
    from engine.acoustic.frontend import Features

LogProbs = npt.NDArray[np.float32]
_VERSION = 1  # of what our own step computes; another number, another recogniser


class Executor(Protocol):
    """Steps a body.

    Attributes:
        choice: which one it is, never ``auto``.
    """

    choice: Choice

    def reserve(self, streams: int) -> int:
        """Take what so many streams at a time keep, where it is kept in place; bytes of one.

        Raises:
            MemoryError: the system has not so much.
        """

    def begin(self) -> Any:
        """What a stream that has heard nothing keeps between its chunks."""

    def step(self, streams: Sequence[Any], features: Features) -> LogProbs:
        """Recognise the next chunk of B streams (B, 8 n, F), and move on what they keep: (B, 2 n, V)."""


def decide(content: bytes, wanted: Choice = Choice.AUTO) -> Choice:
    """Say which executor computes a body here, without loading either.

    Our own step was the faster one by far where it was measured, on AVX2 (docs/step.md has the figures); newer
    processors have faster instructions for it still. Without AVX2 it works, and nothing is known of its speed.

    Args:
        content: of the body's ONNX file.
        wanted: taken as it is unless it is ``auto``.
    """
    if wanted is not Choice.AUTO:
        return wanted
    return Choice.OWN if has_avx2() and suits(content) else Choice.ONNX_RUNTIME


def has_avx2() -> bool:
    """Say whether this machine's processor, as compiled code may use it, has AVX2."""
    from llvmlite import binding

    return bool(binding.get_host_cpu_features().get("avx2"))


def load_executor(card: ModelCard, content: bytes, wanted: Choice = Choice.AUTO) -> Executor:
    """Load a body for the executor that is decided on.

    Raises:
        ModelError: the body cannot be read, or is none for our own step.
    """
    if decide(content, wanted) is Choice.OWN:
        from engine.acoustic.own_executor import OwnExecutor

        return OwnExecutor.load(card, content)
    from engine.acoustic.onnx_executor import OnnxExecutor

    return OnnxExecutor(card, content)


def body_digest(digest: str, chosen: Choice) -> str:
    """The digest of what hears: that of the file, and of our own step where that computes it.

    The two executors' log-probabilities differ by some ten-thousandths, so words may differ too, if hardly ever.

    Args:
        digest: of the model's ``body.onnx``.
        chosen: not ``auto``.
    """
    if chosen is Choice.AUTO:
        raise ModelError("auto", "is no executor; decide on one first")
    return digest if chosen is Choice.ONNX_RUNTIME else hashlib.sha256(f"{digest} own {_VERSION}".encode()).hexdigest()

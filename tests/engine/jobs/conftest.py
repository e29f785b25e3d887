"""A recogniser that counts seconds: every whole second of audio is a word, whatever is said in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 16_000


@dataclass(frozen=True, slots=True)
class CountedWord:
    """Shaped like engine.recogniser.RecognisedWord, which would load ONNX Runtime."""

    text: str
    start: int
    end: int
    confidence: float = 0.875


class Counting:
    """``go`` holds every recording back while it is clear; ``begun`` tells that one is being heard."""

    digest = "counting"

    def __init__(self) -> None:
        self.go, self.begun = threading.Event(), threading.Event()
        self.go.set()
        self.failure: Exception | None = None
        self.heard = 0  # recordings that were begun
        self.configs: list[Any] = []
        self.listen: Callable[[np.ndarray], None] = lambda pcm: None

    def begin(self, config: Any = None) -> CountingStream:
        self.configs.append(config)
        self.heard += 1
        return CountingStream(self)


class CountingStream:
    def __init__(self, owner: Counting) -> None:
        self._owner, self._samples, self._told = owner, 0, 0

    def step(self, pcm: np.ndarray) -> tuple[CountedWord, ...]:
        self._owner.begun.set()
        assert self._owner.go.wait(60)
        if self._owner.failure is not None:
            raise self._owner.failure
        self._owner.listen(pcm)
        self._samples += len(pcm)
        since, self._told = self._told, self._samples // RATE
        return tuple(CountedWord(f"w{n}", n * RATE, (n + 1) * RATE) for n in range(since, self._told))

    def end(self) -> tuple[CountedWord, ...]:
        return ()


@pytest.fixture
def counting() -> Iterator[Counting]:
    recogniser = Counting()
    yield recogniser
    recogniser.go.set()


@pytest.fixture(scope="session")
def counted_word() -> type[CountedWord]:
    return CountedWord


@pytest.fixture
def recording(tmp_path: Path):
    """A function that writes a recording of noise: seconds, rate, channels, name -> path."""

    def write(seconds: float = 2.0, rate: int = RATE, channels: int = 1, name: str = "speech.wav") -> Path:
        noise = np.random.default_rng(0).normal(0, 0.1, (round(seconds * rate), channels))
        soundfile.write(tmp_path / name, np.clip(noise, -1, 1), rate)
        return tmp_path / name

    return write

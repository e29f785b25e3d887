"""A recogniser of loudness: deterministic, in memory, behind the same seam as the real one.

Speech is a run of one loudness, a word is its name: 0.10 is "one", 0.15 is "two", and so on; silence parts words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

import numpy as np
import pytest

from engine.session_config import SessionConfig

NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FRAME = 640


@dataclass(frozen=True, slots=True)
class HeardWord:
    """Shaped like engine.recogniser.RecognisedWord, which would load ONNX Runtime."""

    text: str
    start: int
    end: int
    confidence: float = 0.875


class LoudnessHearing:
    def __init__(self, config: SessionConfig) -> None:
        self.model = config.model
        self.tune(config)
        self.fed = np.zeros(0, np.float32)
        self.decoded = 0
        self.short: int | None = None
        self._committed = 0
        self._names: list[str | None] = []  # of every frame

    @property
    def size(self) -> int:
        return self.short or self.chunk

    @property
    def wanted(self) -> int:
        return self.decoded + self.size + 240 - len(self.fed)

    def shorten(self, available: int) -> None:
        size = (len(self.fed) + available - 240 - self.decoded) // FRAME * FRAME
        self.short = size if 0 < size < self.chunk else None

    def tune(self, config: SessionConfig) -> None:
        self.chunk = 5_120 if config.enable_partials or config.max_delay < 24_000 else 20_480
        self.wanted_model = config.model

    @property
    def changing(self) -> bool:
        return self.model != self.wanted_model

    def turn(self) -> None:
        self.model = self.wanted_model

    def feed(self, pcm: np.ndarray) -> None:
        self.fed = np.concatenate([self.fed, pcm])

    def partials(self) -> tuple[HeardWord, ...]:
        return tuple(word for word in self._words() if word.start >= self._committed)

    def finals(self, until_sample: int) -> tuple[HeardWord, ...]:
        words = tuple(word for word in self.partials() if word.end <= until_sample)
        self._committed = max([self._committed, *(word.end for word in words)])
        return words

    def _words(self) -> Iterator[HeardWord]:
        for at in range(len(self._names), self.decoded // FRAME):
            self._names.append(_name(float(np.mean(np.abs(self.fed[at * FRAME + 160 : (at + 1) * FRAME - 160])))))
        start = 0
        for name, run in groupby(self._names):
            end = start + len(list(run))
            if name is not None:
                yield HeardWord(name, start * FRAME, end * FRAME)
            start = end


def _name(level: float) -> str | None:
    index = round((level - 0.1) / 0.05)
    return NAMES[index] if 0 <= index < len(NAMES) and level > 0.08 else None


class LoudnessEngine:
    """Counts its batches; ``break_at`` makes it fail on streams that are that loud."""

    word = HeardWord
    digest = "loudness"
    models: ClassVar = {"standard": "loudness", "enhanced": "loudness too"}

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.break_at: float | None = None
        self.prepared: list[SessionConfig] = []

    def prepare(self, config: SessionConfig) -> None:
        self.prepared.append(config)

    def begin(self, config: SessionConfig) -> LoudnessHearing:
        return LoudnessHearing(config)

    def step(self, hearings: Sequence[LoudnessHearing], pcm: Sequence[np.ndarray]) -> None:
        self.batches.append(len(hearings))
        assert len({hearing.size for hearing in hearings}) == 1
        for hearing, samples in zip(hearings, pcm, strict=True):
            assert len(samples) == hearing.wanted
            if self.break_at is not None and np.max(np.abs(samples)) >= self.break_at:
                raise RuntimeError("made to fail")
            hearing.feed(samples)
            hearing.decoded += hearing.size
            hearing.short = None

    def end(self, hearing: LoudnessHearing, rest: np.ndarray) -> tuple[HeardWord, ...]:
        hearing.feed(rest)
        hearing.decoded = len(hearing.fed)
        return hearing.finals(hearing.decoded)


def _speak(text: str, rate: int = 16_000) -> np.ndarray:
    """(n,) samples of words of 240 ms, each followed by 240 ms of silence; ``...`` is a second of silence."""
    parts = []
    for word in text.split():
        if word == "...":
            parts.append(np.zeros(rate, np.float32))
        else:
            level = 0.1 + 0.05 * NAMES.index(word)
            parts += [np.full(rate * 24 // 100, level, np.float32), np.zeros(rate * 24 // 100, np.float32)]
    return np.concatenate(parts)


@pytest.fixture
def loudness() -> LoudnessEngine:
    return LoudnessEngine()


@pytest.fixture(scope="session")
def speak():
    return _speak

"""Words and speaker turns on the audio clock: integer samples at a stated rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Word:
    """One word; times are samples at the rate of the transcript that holds it, or None when not known."""

    text: str
    start: int | None = None
    end: int | None = None
    confidence: float | None = None  # 0..1, None when the source gives none
    speaker: str | None = None

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise ValueError(f"word {self.text!r}: give both start and end, or neither")
        if self.start is not None and self.end is not None and not 0 <= self.start <= self.end:
            raise ValueError(f"word {self.text!r}: start {self.start} and end {self.end} need 0 <= start <= end")


_plain = lru_cache(maxsize=1 << 16)(Word)  # words without times are alike wherever they stand: millions share a few


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words in spoken order."""

    words: tuple[Word, ...]
    rate: int = 16_000  # samples per second that the word times count

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise ValueError(f"rate must be positive, got {self.rate}")

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @classmethod
    def from_text(cls, text: str, rate: int = 16_000) -> Transcript:
        """Words without times, split at white space."""
        return cls(tuple(map(_plain, text.split())), rate)


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """One stretch of speech of one speaker, samples at the rate of the case."""

    speaker: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"turn of {self.speaker!r}: need 0 <= start <= end, got {self.start}..{self.end}")

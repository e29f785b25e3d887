"""What is recognised, apart from what recognises: it crosses threads and processes that load no recogniser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecognisedWord:
    """A word and where it was spoken."""

    text: str
    start: int  # samples at 16 kHz from the first sample of the stream
    end: int  # samples, exclusive
    confidence: float  # 0..1

"""What a search gives: words with the frames they cover."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecodedWord:
    """One word on a path through the graph."""

    text: str
    start_frame: int  # first frame of its first phone
    end_frame: int  # one past the last non-blank frame of its last phone
    confidence: float  # 0..1, geometric mean of its phones' peak posteriors

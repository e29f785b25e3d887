"""What is known of a recording without a transcript, and what may be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.acoustic.body import LogProbs


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording, its manifest entry, and what the body made of it.

    Attributes:
        entry: the manifest's.
        audio: the file.
        start: first sample of the recording in the file, at 16 kHz.
        samples: how many it has.
        log_probs: (T, V), 40 ms each.
    """

    entry: dict[str, Any]
    audio: Path
    start: int
    samples: int
    log_probs: LogProbs


@dataclass(frozen=True, slots=True)
class Label:
    """Words for a part of a recording.

    Attributes:
        text: lower-case words.
        method: ``book``, ``grammar`` or ``self``.
        confidence: 0 to 1, comparable within a method only.
        first: frame where the part starts.
        last: frame where it ends (exclusive).
    """

    text: str
    method: str
    confidence: float
    first: int
    last: int

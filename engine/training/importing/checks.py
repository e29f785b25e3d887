"""What must hold before a segment may train: its audio is there, it lies inside it, and its words are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import soundfile

from engine.training.importing.segment import Segment

SHORTEST_S = 0.1
SLACK_S = 0.5  # how far a span may pass the file's end before it is an error and not a rounding
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment that passed, with its exact span in samples of its file at the file's rate."""

    segment: Segment
    start: int
    end: int
    rate: int
    whole: bool

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.start) / self.rate

    def entry(self, folder: Path) -> dict[str, Any]:
        """Give the line of a manifest in a folder: audio below it is named relative to it."""
        one = self.segment
        audio = one.audio.resolve()
        named = audio.relative_to(folder.resolve()) if audio.is_relative_to(folder.resolve()) else audio
        line: dict[str, Any] = {
            "id": one.name, "audio": str(named), "duration": round(self.seconds, 4), "text": one.text or None,
            "speaker": one.speaker, "dataset": one.dataset, "gender": one.gender,
        }  # fmt: skip
        if not self.whole:
            line |= {"start": round(self.start / self.rate, 6), "end": round(self.end / self.rate, 6)}
        return line if one.channel is None else line | {"channel": one.channel}


@dataclass(slots=True)
class Findings:
    """What passed, and what was refused: reason -> names."""

    kept: list[Kept] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Say every reason with its count and the first names."""
        return [
            f"{len(names)} refused: {reason} ({', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''})"
            for reason, names in self.refused.items()
        ]


def check(segments: Iterable[Segment], *, without_text: bool = False) -> Findings:
    """Look at every segment's audio and words.

    Args:
        segments: what an importer found.
        without_text: keep segments without words too, for self-supervised training.
    """
    findings, seen = Findings(), set[str]()
    for segment in segments:
        found = _look(segment, without_text=without_text)
        if isinstance(found, Kept) and segment.name in seen:
            found = "a second one of this id"
        if isinstance(found, Kept):
            seen.add(segment.name)
            findings.kept.append(found)
        else:
            findings.refused.setdefault(found, []).append(segment.name)
    return findings


def _look(segment: Segment, *, without_text: bool) -> Kept | str:
    if segment.fault:
        return segment.fault
    if not segment.text.strip() and not without_text:
        return "the transcript is empty"
    described = _describe(segment.audio)
    if isinstance(described, str):
        return described
    frames, rate, channels = described
    start = round(segment.start_s * rate)
    end = frames if segment.end_s is None else round(segment.end_s * rate)
    if end > frames + SLACK_S * rate:
        return "it ends after its audio does"
    end = min(end, frames)
    if end - start < SHORTEST_S * rate:
        return f"shorter than {SHORTEST_S} s"
    if segment.channel is not None and segment.channel >= channels:
        return "its channel is not in its audio"
    return Kept(segment, start, end, rate, whole=start == 0 and end == frames)


@lru_cache(maxsize=4096)
def _describe(path: Path) -> tuple[int, int, int] | str:
    """Give samples, rate and channels of a file, or what is wrong with it."""
    if not path.exists():
        return "its audio is missing"
    try:
        found = soundfile.info(str(path))
    except soundfile.LibsndfileError:
        return "its audio cannot be read"
    return found.frames, found.samplerate, found.channels

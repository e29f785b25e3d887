"""What is listened to: every utterance of a set, whether or not its words are in our lexicon.

Both sides of every score pass through the pack ``basic`` of ``harness.measures.normalisation``: case, width and
punctuation are gone, hyphens part words, inner apostrophes stay. It keeps all 7,208 words of the public test set.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from engine.training.corpus import stratum_of, transcript_of
from harness.measures.normalisation.packs import PACKS
from testsets import embedded
from testsets.case import Case

RATE = 16_000
NORMALISER = PACKS["basic"]
SETS = ("test", "dev", "longform", "longform-cut", "rehearsal", "noise")
_STRATA = {
    "speechocean762-adult": "adult",
    "speechocean762-child": "child",
    "librispeech": "native",
    "ljspeech": "longform",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """One thing to listen to.

    Attributes:
        span: the part of the file in seconds; None is all of it.
        words: what was said, normalised.
        cluster: what is independent of the others: the speaker where there are several.
        parts: words of each utterance of a recording that holds many; its clusters, in order.
    """

    set: str
    id: str
    audio: Path
    span: tuple[float, float] | None
    words: tuple[str, ...]
    cluster: str
    stratum: str
    parts: tuple[int, ...] = ()

    def samples(self) -> np.ndarray:
        """(n,) float32 in [-1, 1] at 16 kHz."""
        samples, rate = soundfile.read(self.audio, dtype="float32")
        if self.span is not None:
            samples = samples[round(self.span[0] * rate) : round(self.span[1] * rate)]
        return np.asarray(soxr.resample(samples, rate, RATE) if rate != RATE else samples, np.float32)

    @property
    def key(self) -> str:
        """Names the audio: file content and span."""
        return f"{hashlib.sha256(self.audio.read_bytes()).hexdigest()[:32]}{self.span or ''}"


def read_set(name: str, speech: Path, every: int = 1) -> list[Recording]:
    """Every n-th recording of a set; the sets are those of ``SETS``.

    Args:
        name: of the set.
        speech: the speech data pack; the embedded rehearsal set needs none.
        every: n.
    """
    if name == "longform":
        return [_joined(list(_entries(speech / "longform.jsonl")), speech)]
    if name == "rehearsal":
        found = [_rehearsed(case) for case in embedded.open_embedded("rehearsal").cases]
    else:
        cut = name == "longform-cut"
        entries = _entries(speech / f"{'longform' if cut else name}.jsonl")
        found = [_spoken(name, entry, speech, cut=cut) for entry in entries]
    return found[::every]


def _entries(manifest: Path) -> Iterator[dict[str, Any]]:
    for line in manifest.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if "audio" in entry:  # the first line of a test set is its header
            yield entry


def _spoken(name: str, entry: dict[str, Any], folder: Path, *, cut: bool) -> Recording:
    stratum = _STRATA.get(stratum_of(entry), stratum_of(entry))
    speaker = str(entry.get("speaker") or entry["id"])
    return Recording(
        set=name,
        id=str(entry["id"]),
        audio=folder / entry["audio"],
        span=(entry["start"], entry["end"]) if cut else None,
        words=NORMALISER.split(transcript_of(entry)),
        cluster=str(entry["id"]) if stratum in ("kathleen", "longform") else speaker,
        stratum=stratum,
    )


def _rehearsed(case: Case) -> Recording:
    style, condition = case.tags["style"], case.tags["condition"]
    stratum = f"rehearsal {style if style == 'conversation' else condition}"
    said = case.reference.text if case.reference else ""
    return Recording("rehearsal", case.id, Path(case.audio.path), None, NORMALISER.split(said), case.unit, stratum)


def _joined(entries: Sequence[dict[str, Any]], folder: Path) -> Recording:
    said = [NORMALISER.split(transcript_of(entry)) for entry in entries]
    return Recording(
        set="longform",
        id=Path(entries[0]["audio"]).stem,
        audio=folder / entries[0]["audio"],
        span=None,
        words=tuple(word for words in said for word in words),
        cluster="LJ",
        stratum="longform",
        parts=tuple(len(words) for words in said),
    )

"""Training and test utterances: manifests read into spelt, trimmed recordings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from engine.phones import Lexicon, first_pronunciation

SAMPLE_RATE = 16000
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording with its transcript spelt in phones (empty for noise)."""

    name: str
    audio: Path
    text: str
    phones: tuple[int, ...]
    speaker: str
    stratum: str


def stratum_of(entry: dict[str, Any]) -> str:
    """Name the group whose errors are counted together.

    That is the condition of a test set's case, the split of a noise, or the data set, by age where both ages occur.
    """
    if "split" in entry:
        return str(entry["split"])
    tags = entry.get("tags", {})
    if tags.get("style") == "conversation":
        return "conversation"
    dataset = str(tags.get("condition") or entry.get("dataset"))
    return f"{dataset}-{entry['age_group']}" if dataset == "speechocean762" else dataset


def transcript_of(entry: dict[str, Any]) -> str:
    """Give the transcript of a manifest's entry, joined from its words where it has only these; may be empty."""
    return str(entry.get("text") or " ".join(word["text"] for word in entry.get("words", [])))


def read_manifest(path: Path, lexicon: Lexicon) -> list[Utterance]:
    """Read a JSON-lines manifest or test set, leaving out utterances with a word that the lexicon cannot spell.

    Args:
        path: the manifest; its ``audio`` fields are relative to its folder.
        lexicon: pronunciations, of which the first is taken.
    """
    utterances = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if "audio" not in entry:
            continue  # the header of a test set
        text = transcript_of(entry)
        phones = first_pronunciation(text, lexicon)
        if phones is None:
            continue
        speaker = str(entry.get("speaker") or entry.get("cluster") or "")
        utterances.append(
            Utterance(str(entry["id"]), path.parent / entry["audio"], text, phones, speaker, stratum_of(entry))
        )
    return utterances


def read_noises(path: Path, split: str) -> list[Path]:
    """List the noise recordings of one split (``noise_train`` or ``noise_test``)."""
    entries = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [path.parent / entry["audio"] for entry in entries if entry["split"] == split]


def load(path: Path) -> Samples:
    """Read a mono recording as samples in [-1, 1] at 16 kHz."""
    samples, rate = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE) if rate != SAMPLE_RATE else samples, np.float32)


def trim(samples: Samples, *, below_peak_db: float = 35.0, keep: float = 0.25) -> Samples:
    """Cut the silent edges of a recording.

    Args:
        samples: (n,) at 16 kHz.
        below_peak_db: a 10 ms frame this far below the loudest is silent.
        keep: seconds of silence to leave at each edge.
    """
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    if not len(frames):
        return samples
    power = (frames.astype(np.float64) ** 2).mean(axis=1) + 1e-10
    loud = np.flatnonzero(10 * np.log10(power / power.max()) > -below_peak_db)
    margin = int(keep * SAMPLE_RATE)
    return samples[max(0, loud[0] * 160 - margin) : (loud[-1] + 1) * 160 + margin]

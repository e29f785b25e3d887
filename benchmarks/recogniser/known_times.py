"""Speech whose word times are known: flite prints when each of its phones ends."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from rapidfuzz.distance import Levenshtein

from engine.phones import Lexicon, token_ids

VOICES = ("rms", "slt", "awb", "kal16")
_SAME = {"ax": "AH", "pau": ""}  # flite's names that are not ARPAbet's


@dataclass(frozen=True, slots=True)
class Known:
    """A spoken sentence; times are seconds, None for words whose edges flite says otherwise than the lexicon."""

    samples: np.ndarray  # (n,) float32 at 16 kHz
    words: tuple[str, ...]
    times: tuple[tuple[float, float] | None, ...]


def speak(voice: str, words: Sequence[str], lexicon: Lexicon) -> Known:
    """Let flite say a sentence and tell when; it must be installed and every word in the lexicon."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command = ["flite", "-voice", voice, "-psdur", "-t", " ".join(words), "-o", str(path)]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        samples, rate = soundfile.read(path, dtype="float32")
    if rate != 16_000:
        raise ValueError(f"flite's voice {voice} speaks at {rate} samples a second; choose one of {', '.join(VOICES)}")
    return Known(np.asarray(samples, np.float32), tuple(words), _times(printed, words, lexicon))


def _times(printed: str, words: Sequence[str], lexicon: Lexicon) -> tuple[tuple[float, float] | None, ...]:
    """Find the words among the phones: by the edit script between what the lexicon and what flite says."""
    said: list[int] = []
    spans: list[tuple[float, float]] = []
    before = 0.0
    for item in printed.split():
        phone, _, end = item.partition(":")
        if name := _SAME.get(phone, phone.upper()):
            said += token_ids(name)
            spans.append((before, float(end)))
        before = float(end)
    spelt = [lexicon[word][0] for word in words]
    flat = [phone for variant in spelt for phone in variant]
    facing: dict[int, int] = {}
    for code in Levenshtein.opcodes(flat, said):
        if code.tag in ("equal", "replace"):
            facing.update(zip(range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=True))
    ends = np.cumsum([len(variant) for variant in spelt])
    found: list[tuple[float, float] | None] = []
    for first, last in zip(np.append(0, ends[:-1]).tolist(), (ends - 1).tolist(), strict=True):
        # A vowel may be said otherwise; where a phone has no partner at all, the edge is not known.
        known = first in facing and last in facing
        found.append((spans[facing[first]][0], spans[facing[last]][1]) if known else None)
    return tuple(found)

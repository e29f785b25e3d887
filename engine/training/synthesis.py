"""Synthesised training speech: many voices of flite and espeak-ng reading book and everyday sentences."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

SAMPLE_RATE = 16000
FLITE_VOICES = ("kal", "kal16", "awb", "rms", "slt")
ESPEAK_ACCENTS = (
    "en-us", "en-us", "en-us", "en-gb", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan",
    "en-gb-x-gbcwmd", "en-029", "en-us-nyc",
)  # fmt: skip
ESPEAK_VARIANTS = (
    "", "", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f2", "f3", "f4", "f5", "Andy", "Annie", "Michael",
    "linda", "steph", "david", "john", "klatt2", "klatt4",
)  # fmt: skip
HELD_OUT_VARIANTS = ("m8", "Alicia", "edward", "belinda")


@dataclass(frozen=True, slots=True)
class Voice:
    """One way to say a sentence: the program, its voice name, words a minute and pitch (0-99)."""

    program: str
    name: str
    rate: int
    pitch: int

    def command(self, text: str, path: Path) -> list[str]:
        """Give the command line that says a text into a WAV file."""
        if self.program == "flite":
            stretch = f"duration_stretch={170 / self.rate:.3f}"
            return ["flite", "-voice", self.name, "--setf", stretch, "-t", text, "-o", str(path)]
        return ["espeak-ng", "-v", self.name, "-s", str(self.rate), "-p", str(self.pitch), "-w", str(path), text]


def draw_voice(rng: np.random.Generator, *, held_out: bool = False) -> Voice:
    """Draw a voice: half flite, half espeak-ng with an accent, a variant, a speed and a pitch."""
    rate = int(rng.integers(130, 205))
    if not held_out and rng.random() < 0.5:
        return Voice("flite", str(rng.choice(FLITE_VOICES)), rate, 50)
    variant = str(rng.choice(HELD_OUT_VARIANTS if held_out else ESPEAK_VARIANTS))
    name = str(rng.choice(ESPEAK_ACCENTS)) + (f"+{variant}" if variant else "")
    return Voice("espeak-ng", name, rate, int(rng.integers(25, 75)))


def speak(voice: Voice, text: str) -> npt.NDArray[np.float32]:
    """Say a text and give it as mono samples in [-1, 1] at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(voice.command(text, path), check=True, capture_output=True)
        samples, rate = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.float32)


def synthesise(texts: Sequence[str], out: Path, seed: int, *, held_out: bool = False) -> Iterator[float]:
    """Say every text by a drawn voice into FLAC files with a manifest beside the folder; yields seconds written.

    Args:
        texts: sentences, one a recording.
        out: the folder to fill; the manifest is ``<out>.jsonl``.
        seed: decides every voice.
        held_out: draw from the voices that training never hears.
    """
    rng = np.random.default_rng(seed)
    jobs = [(index, text, draw_voice(rng, held_out=held_out)) for index, text in enumerate(texts)]
    out.mkdir(parents=True, exist_ok=True)

    def say(job: tuple[int, str, Voice]) -> dict[str, object]:
        index, text, voice = job
        samples = speak(voice, text)
        name = f"{out.name}/{index:05d}.flac"
        soundfile.write(out.parent / name, samples, SAMPLE_RATE, subtype="PCM_16")
        speaker = f"{voice.program}:{voice.name}"
        return {"id": f"{out.name}-{index:05d}", "audio": name, "duration": len(samples) / SAMPLE_RATE,
                "text": text, "speaker": speaker, "dataset": "synthetic"}  # fmt: skip

    with ThreadPoolExecutor(2) as pool, out.with_suffix(".jsonl").open("w", encoding="utf-8") as manifest:
        for entry in pool.map(say, jobs):
            manifest.write(json.dumps(entry) + "\n")
            yield float(entry["duration"])  # type: ignore[arg-type]

"""Voices of the two synthesisers that Debian packages, and how to make them speak."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from testsets.errors import AudioError

Engine = Literal["flite", "espeak-ng"]

ESPEAK_WORDS_PER_MINUTE = 150  # clearer than its own 175
FLITE_VOICES = ("kal16", "awb", "rms", "slt", "kal")  # flite answers an unknown name with kal, so it is checked here
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Voice:
    """One synthetic speaker."""

    engine: Engine
    name: str  # flite: kal16, awb, rms, slt, kal; espeak-ng: en-us, en-gb, en-gb-scotland, ...
    variant: str | None = None  # espeak-ng only: m1..m8, f1..f5, or a named variant; each is another speaker
    speed: float = 1.0  # relative to the voice's usual pace (espeak-ng: 150 words per minute)
    pitch: int | None = None  # espeak-ng: 0..99; flite: mean Hz; None keeps the voice's own

    @property
    def id(self) -> str:
        """A name that is stable, unique among speakers, and fit for a file name."""
        return f"{self.engine}-{self.name}" if self.variant is None else f"{self.engine}-{self.name}-{self.variant}"


def speak(voice: Voice, text: str) -> tuple[NDArray[np.int16], int]:
    """Speak a text.

    Args:
        voice: who speaks.
        text: plain English; punctuation guides the prosody.

    Returns:
        Mono samples and their rate (flite: 16,000 or, for ``kal``, 8,000; espeak-ng: 22,050 samples per second).

    Raises:
        AudioError: the synthesiser is not installed, refuses the voice, or says nothing.
    """
    with tempfile.TemporaryDirectory(prefix="speak-") as folder:
        path = Path(folder) / "speech.wav"
        _run(voice, text, path)
        try:
            samples, rate = soundfile.read(path, dtype="int16")
        except soundfile.LibsndfileError as error:
            raise AudioError(voice.id, f"{voice.engine} wrote no readable audio for {text!r} ({error})") from error
    if samples.size == 0:
        raise AudioError(voice.id, f"{voice.engine} said nothing for {text!r}")
    return samples, int(rate)


def version(engine: Engine) -> str | None:
    """The installed version of a synthesiser as it names itself, or None when it is not installed."""
    if shutil.which(engine) is None:
        return None
    result = subprocess.run([engine, "--version"], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    lines = [line.split("Data at:")[0].strip() for line in (result.stdout + result.stderr).splitlines()]
    return next((line for line in lines if "version" in line or "text-to-speech" in line), "unknown")


def _run(voice: Voice, text: str, path: Path) -> None:
    if shutil.which(voice.engine) is None:
        raise AudioError(voice.id, f"{voice.engine} is not installed; on Debian: apt-get install {voice.engine}")
    if voice.engine == "flite" and voice.name not in FLITE_VOICES:
        raise AudioError(voice.id, f"flite has no such voice; choose one of {', '.join(FLITE_VOICES)}")
    command = _command(voice, text, path)
    try:
        result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise AudioError(voice.id, f"{voice.engine} took longer than {TIMEOUT_S} s for {text!r}") from error
    if result.returncode != 0 or not path.exists():
        said = (result.stderr or result.stdout).strip().splitlines()
        raise AudioError(voice.id, f"{voice.engine} failed: {said[0] if said else f'exit code {result.returncode}'}")


def _command(voice: Voice, text: str, path: Path) -> list[str]:
    if voice.engine == "flite":
        settings = ["--setf", f"duration_stretch={1 / voice.speed:.4f}"]
        if voice.pitch is not None:
            settings += ["--setf", f"int_f0_target_mean={voice.pitch}"]
        return ["flite", "-voice", voice.name, *settings, "-t", text, "-o", str(path)]
    name = voice.name if voice.variant is None else f"{voice.name}+{voice.variant}"
    pitch = [] if voice.pitch is None else ["-p", str(voice.pitch)]
    words_per_minute = round(ESPEAK_WORDS_PER_MINUTE * voice.speed)
    return ["espeak-ng", "-v", name, "-s", str(words_per_minute), *pitch, "--stdin", "-w", str(path)]

"""Audio files to samples and back: WAV, FLAC, Ogg Opus, mu-law WAV and whatever else libsndfile reads."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from testsets.case import AudioRef
from testsets.errors import AudioError

FULL_SCALE = 32_768  # int16 value of 1.0


def read(path: str | Path, rate: int | None = None) -> tuple[NDArray[np.float32], int]:
    """Read a file as one channel; several channels are averaged.

    Args:
        path: a file libsndfile can read.
        rate: samples per second wanted; None keeps the file's own.

    Returns:
        Samples in [-1, 1], shape (n,), and their rate.

    Raises:
        AudioError: the file is missing, unreadable, empty, or holds values that are not finite.
    """
    try:
        frames, own = soundfile.read(_existing(path), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(str(path), f"cannot be read as audio ({error}); use WAV, FLAC or Ogg Opus") from error
    if frames.shape[0] == 0:
        raise AudioError(str(path), "holds no audio; remove the case or replace the file")
    samples: NDArray[np.float32] = frames[:, 0] if frames.shape[1] == 1 else frames.mean(axis=1, dtype=np.float32)
    if not np.isfinite(samples).all():
        raise AudioError(str(path), "holds values that are not finite; write it again")
    return (samples, int(own)) if rate is None else (resample(samples, int(own), rate), rate)


def probe(path: str | Path) -> AudioRef:
    """What a file is, without decoding it: rate, samples per channel, and the sha256 of its bytes.

    Raises:
        AudioError: the file is missing, unreadable or empty.
    """
    found = _existing(path)
    try:
        info = soundfile.info(found)
    except soundfile.LibsndfileError as error:
        raise AudioError(str(path), f"cannot be read as audio ({error}); use WAV, FLAC or Ogg Opus") from error
    if info.frames <= 0:
        raise AudioError(str(path), "holds no audio; remove the case or replace the file")
    return AudioRef(str(path), int(info.samplerate), int(info.frames), file_digest(path))


def file_digest(path: str | Path) -> str:
    """sha256 of a file's bytes, in hexadecimal.

    Raises:
        AudioError: the file is missing or may not be read.
    """
    try:
        with open(_existing(path), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioError(str(path), f"cannot be read ({error.strerror})") from error


def write(path: str | Path, samples: NDArray[np.floating], rate: int) -> AudioRef:
    """Write samples in [-1, 1] as one channel of 16 bits; the file's ending (.flac, .wav) names the format.

    Raises:
        AudioError: libsndfile cannot write such a file.
    """
    try:
        soundfile.write(str(path), to_int16(samples), rate, subtype="PCM_16", compression_level=_smallest(path))
    except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
        raise AudioError(str(path), f"cannot be written ({error})") from error
    return probe(path)


def resample(samples: NDArray[np.float32], from_rate: int, to_rate: int) -> NDArray[np.float32]:
    """Change the rate with soxr at its highest quality; equal rates give the samples back untouched."""
    if from_rate == to_rate:
        return samples
    changed: NDArray[np.float32] = soxr.resample(samples, from_rate, to_rate, quality="VHQ")
    return changed


def to_int16(samples: NDArray[np.floating]) -> NDArray[np.int16]:
    """Samples in [-1, 1] as 16 bit integers, rounded and clipped; exact for what came from 16 bits."""
    scaled = np.rint(np.asarray(samples, np.float64) * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def to_float32(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """16 bit integers as samples in [-1, 1)."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def _smallest(path: str | Path) -> float | None:
    return 1.0 if Path(path).suffix.lower() == ".flac" else None


def _existing(path: str | Path) -> str:
    if not os.path.isfile(path):  # unlike Path.is_file() it answers for names that no file can have
        raise AudioError(str(path), "no such audio file; check the path, which is relative to the manifest's folder")
    return str(path)

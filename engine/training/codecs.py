"""What lossy codecs do to speech: encoded and decoded in memory, at low rates, by libsndfile."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

SAMPLE_RATE = 16000
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Codec:
    """One way to code speech.

    Attributes:
        container: libsndfile's format.
        coding: its subtype.
        rate: samples a second that are coded.
        loss: 0 (best quality) to 1 (smallest); None where the codec has no choice.
    """

    container: str
    coding: str
    rate: int
    loss: float | None = None


CODECS = (
    Codec("OGG", "OPUS", 16000, 0.95),
    Codec("OGG", "OPUS", 8000, 0.98),
    Codec("OGG", "VORBIS", 16000, 0.95),
    Codec("MP3", "MPEG_LAYER_III", 16000, 0.9),
    Codec("MP3", "MPEG_LAYER_III", 8000, 0.95),
    Codec("WAV", "GSM610", 8000),  # GSM 06.10 full rate, 13 kb/s
    Codec("WAV", "IMA_ADPCM", 8000),
    Codec("WAV", "ALAW", 8000),
)


def recode(samples: Samples, codec: Codec) -> Samples:
    """Code and decode a recording; the result is as long as the original.

    Args:
        samples: (n,) in [-1, 1] at 16 kHz.
        codec: how.
    """
    narrow = soxr.resample(samples, SAMPLE_RATE, codec.rate) if codec.rate != SAMPLE_RATE else samples
    coded = io.BytesIO()
    soundfile.write(
        coded, narrow, codec.rate, format=codec.container, subtype=codec.coding, compression_level=codec.loss
    )
    coded.seek(0)
    heard, rate = soundfile.read(coded, dtype="float32")
    wide = soxr.resample(heard, rate, SAMPLE_RATE) if rate != SAMPLE_RATE else heard
    return np.asarray(np.pad(wide[: len(samples)], (0, max(0, len(samples) - len(wide)))), np.float32)


def draw_codec(rng: np.random.Generator) -> Codec:
    """Draw one of the codecs."""
    return CODECS[int(rng.integers(len(CODECS)))]

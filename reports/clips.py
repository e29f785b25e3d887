"""The seconds of audio in which the recognisers differ, ready to be played inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

from harness.results import EdgeCase
from testsets.audio import read, resample, to_int16
from testsets.errors import AudioError

LONGEST_S = 20.0
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)  # what libsndfile encodes
COMPRESSION = 0.6  # about 30 kbit/s for speech


@dataclass(frozen=True, slots=True)
class Clip:
    """Encoded audio."""

    data: bytes
    mime: str

    @property
    def uri(self) -> str:
        """As a page holds it."""
        return f"data:{self.mime};base64,{base64.b64encode(self.data).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is nothing to play."""

    why: str


ClipReader = Callable[[EdgeCase], Clip | Missing]


def read_clip(edge: EdgeCase) -> Clip | Missing:
    """Cut an edge case's clip out of its audio file and encode it as Ogg Opus."""
    try:
        samples, rate = read(edge.audio)
    except AudioError as error:
        return Missing(str(error))
    first = max(0, edge.start * rate // edge.rate)
    last = min(samples.size, edge.end * rate // edge.rate, first + round(LONGEST_S * rate))
    if last <= first:
        return Missing("the clip lies outside its audio file")
    return encode(samples[first:last], rate)


def encode(samples: NDArray[np.float32], rate: int) -> Clip:
    """Encode one channel as browsers play it: Ogg Opus, or WAV where this libsndfile knows no Opus.

    Args:
        samples: in [-1, 1], shape (n,).
        rate: samples per second.
    """
    buffer = io.BytesIO()
    wanted = rate if rate in OPUS_RATES else next((r for r in OPUS_RATES if r >= rate), OPUS_RATES[-1])
    changed = resample(samples, rate, wanted)
    if "OPUS" in soundfile.available_subtypes("OGG"):
        soundfile.write(buffer, changed, wanted, format="OGG", subtype="OPUS", compression_level=COMPRESSION)
        return Clip(buffer.getvalue(), "audio/ogg")
    soundfile.write(buffer, to_int16(changed), wanted, format="WAV", subtype="PCM_16")
    return Clip(buffer.getvalue(), "audio/wav")


def within(budget: int, edges: Iterable[tuple[str, EdgeCase]], reader: ClipReader) -> Mapping[str, Clip | Missing]:
    """Read clips in the given order until their encoded sizes reach a budget.

    Args:
        budget: bytes that the data URIs may take together.
        edges: a key and an edge case each; the worst first, for later ones may be left out.
    """
    taken: dict[str, Clip | Missing] = {}
    left = budget
    for key, edge in edges:
        found = reader(edge) if left > 0 else Missing("left out to keep the page small")
        size = len(found.data) * 4 // 3 + 64 if isinstance(found, Clip) else 0
        if size > left:
            found, size = Missing("left out to keep the page small"), 0
        taken[key] = found
        left -= size
    return taken

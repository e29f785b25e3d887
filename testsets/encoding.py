"""Raw audio bytes as they travel on a wire: pcm_s16le, pcm_f32le and G.711 mu-law."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from testsets.audio import to_float32, to_int16
from testsets.errors import AudioError

Encoding = Literal["pcm_s16le", "pcm_f32le", "mulaw"]

SAMPLE_BYTES: dict[Encoding, int] = {"pcm_s16le": 2, "pcm_f32le": 4, "mulaw": 1}

BIAS = 33  # of the 14 bit magnitude, so that every segment starts at a power of two
CLIP = 8_158  # largest 14 bit magnitude that has a code


def encode(samples: NDArray[np.float32], encoding: Encoding) -> bytes:
    """Samples in [-1, 1], shape (n,), as bytes."""
    if encoding == "pcm_f32le":
        return samples.astype("<f4").tobytes()
    pcm = to_int16(samples)
    if encoding == "pcm_s16le":
        return pcm.astype("<i2").tobytes()
    return _MULAW_OF_INT16[pcm.astype(np.int32) + 32_768].tobytes()


def decode(data: bytes, encoding: Encoding) -> NDArray[np.float32]:
    """Bytes as samples in [-1, 1], shape (n,).

    Raises:
        AudioError: the bytes end inside a sample.
    """
    if len(data) % SAMPLE_BYTES[encoding]:
        size = SAMPLE_BYTES[encoding]
        raise AudioError(encoding, f"{len(data)} bytes end inside a sample of {size} bytes; send whole samples")
    if encoding == "pcm_f32le":
        return np.frombuffer(data, "<f4").astype(np.float32)
    if encoding == "pcm_s16le":
        return to_float32(np.frombuffer(data, "<i2").astype(np.int16))
    return to_float32(_INT16_OF_MULAW[np.frombuffer(data, np.uint8)])


def _mulaw_decoding() -> NDArray[np.int16]:
    """The 16 bit value of each code.

    Source: ITU-T G.711 (11/1988), table 2b.
    """
    code = ~np.arange(256, dtype=np.uint8)  # bits travel inverted
    segment = (code >> 4 & 7).astype(np.int32)
    magnitude = (((code & 15).astype(np.int32) * 2 + BIAS) << segment) - BIAS  # 14 bit
    return np.where(code & 0x80, -magnitude * 4, magnitude * 4).astype(np.int16)


def _mulaw_encoding() -> NDArray[np.uint8]:
    """The code of each 16 bit value, -32768 first.

    Source: ITU-T G.711 (11/1988), table 2a, with decision values in the middle of the 14 bit output values.
    """
    value = np.arange(-32_768, 32_768, dtype=np.int32)
    biased = np.minimum(np.abs(value) >> 2, CLIP) + BIAS
    segment = np.floor(np.log2(biased)).astype(np.int32) - 5
    step = biased >> (segment + 1) & 15
    sign = np.where(value < 0, 0x80, 0)
    codes: NDArray[np.uint8] = (~(sign | segment << 4 | step) & 0xFF).astype(np.uint8)
    return codes


_INT16_OF_MULAW = _mulaw_decoding()
_MULAW_OF_INT16 = _mulaw_encoding()

"""Bytes to samples in [-1, 1], for encodings without a state; half a sample is carried to the next bytes."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray


class Encoding(Enum):
    """How one sample is written; the value is its width in bytes and a name."""

    U8 = (1, "u8")
    S16LE = (2, "s16le")
    S24LE = (3, "s24le")
    S32LE = (4, "s32le")
    F32LE = (4, "f32le")
    F64LE = (8, "f64le")
    MULAW = (1, "mulaw")
    ALAW = (1, "alaw")

    @property
    def width(self) -> int:
        """Bytes of one sample."""
        return self.value[0]


def _mulaw_table() -> NDArray[np.float32]:
    """Source: ITU-T G.711, table 2a."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = ((((code & 0x0F).astype(np.int32) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    return (np.where(code & 0x80, -magnitude, magnitude) / 32_768).astype(np.float32)


def _alaw_table() -> NDArray[np.float32]:
    """Source: ITU-T G.711, table 1a."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    segment = ((code & 0x70) >> 4).astype(np.int32)
    mantissa = ((code & 0x0F).astype(np.int32) << 4) + 8
    magnitude = np.where(segment == 0, mantissa, (mantissa + 0x100) << np.maximum(segment - 1, 0))
    return (np.where(code & 0x80, magnitude, -magnitude) / 32_768).astype(np.float32)


_TABLES = {Encoding.MULAW: _mulaw_table(), Encoding.ALAW: _alaw_table()}


class SampleReader:
    """Interleaved channels to one channel (their mean)."""

    def __init__(self, encoding: Encoding, channels: int) -> None:
        self._encoding, self._channels = encoding, channels
        self._frame = encoding.width * channels
        self._carry = b""

    def step(self, data: bytes) -> NDArray[np.float32]:
        """The samples that these bytes complete.

        Returns:
            (n,) in [-1, 1]; what is not a number becomes silence.
        """
        data = self._carry + data
        whole = len(data) - len(data) % self._frame
        self._carry = data[whole:]
        pcm = _decode(self._encoding, data[:whole])
        return pcm if self._channels == 1 else pcm.reshape(-1, self._channels).mean(axis=1)


def _decode(encoding: Encoding, data: bytes) -> NDArray[np.float32]:
    match encoding:
        case Encoding.MULAW | Encoding.ALAW:
            return _TABLES[encoding][np.frombuffer(data, np.uint8)]
        case Encoding.U8:
            return (np.frombuffer(data, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
        case Encoding.S16LE:
            return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32_768)
        case Encoding.S24LE:
            return _widen_s24(data).astype(np.float32) / np.float32(2**31)
        case Encoding.S32LE:
            return (np.frombuffer(data, "<i4") / 2**31).astype(np.float32)
        case Encoding.F32LE | Encoding.F64LE:
            kind = "<f4" if encoding is Encoding.F32LE else "<f8"
            floats = np.clip(np.frombuffer(data, kind), -1.0, 1.0)  # infinities too
            return np.where(np.isnan(floats), 0.0, floats).astype(np.float32)


def _widen_s24(data: bytes) -> NDArray[np.int32]:
    triples = np.frombuffer(data, np.uint8).reshape(-1, 3)
    samples = np.zeros(len(triples), "<i4")
    samples.view(np.uint8).reshape(-1, 4)[:, 1:] = triples
    return samples

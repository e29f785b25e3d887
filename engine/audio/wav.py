"""A WAV file that arrives in pieces: samples come out as soon as the header has been read."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from engine.audio.samples import Encoding, SampleReader
from engine.protocol import ErrorType, MessageError
from engine.protocol.audio_format import MAX_RATE, MIN_RATE

_MAX_HEADER = 1 << 20  # bytes before the samples; more is not a header
_EXTENSIBLE = 0xFFFE
_ENCODINGS = {
    (1, 8): Encoding.U8,
    (1, 16): Encoding.S16LE,
    (1, 24): Encoding.S24LE,
    (1, 32): Encoding.S32LE,
    (3, 32): Encoding.F32LE,
    (3, 64): Encoding.F64LE,
    (6, 8): Encoding.ALAW,
    (7, 8): Encoding.MULAW,
}


class WavReader:
    """RIFF/WAVE to one channel of samples; a length of 0 or of all ones means "until the end"."""

    def __init__(self) -> None:
        self.rate: int | None = None
        self._header = b""
        self._reader: SampleReader | None = None
        self._left: int | None = None  # bytes of samples to come; None when the header does not say
        self._in_samples = False

    def step(self, data: bytes) -> NDArray[np.float32]:
        """The samples that these bytes complete.

        Raises:
            MessageError: invalid_audio_type, when it is not WAV or not a kind of WAV that can be read.
        """
        if not self._in_samples:
            self._header += data
            data = self._read_header()
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        return self._reader.step(data) if self._reader is not None and data else np.zeros(0, np.float32)

    def end(self) -> NDArray[np.float32]:
        """Say that no more bytes come; nothing is held back.

        Raises:
            MessageError: data_error, when some bytes came but no samples began.
        """
        if self._header and not self._in_samples:
            raise MessageError(ErrorType.DATA_ERROR, "the WAV file ended inside its header; send the whole file")
        return np.zeros(0, np.float32)

    def _read_header(self) -> bytes:
        """Read chunks until the samples begin; the bytes of samples that are already here."""
        if not b"RIFF".startswith(self._header[:4]) or not b"WAVE".startswith(self._header[8:12]):
            raise _refused(f"the file is not WAV (it begins with {self._header[:12]!r})")
        at = 12
        while len(self._header) >= at + 8:
            name, size = struct.unpack_from("<4sI", self._header, at)
            body = self._header[at + 8 : at + 8 + size]
            if name == b"data":
                return self._begin_samples(self._header[at + 8 :], size)
            if name == b"fmt " and len(body) == size:
                self._read_format(body)
            at += 8 + size + size % 2
        if max(at, len(self._header)) > _MAX_HEADER:
            raise _refused("the WAV file has no samples within its first MiB")
        return b""

    def _begin_samples(self, data: bytes, size: int) -> bytes:
        if self._reader is None:
            raise _refused("the WAV file has no format before its samples")
        self._in_samples, self._header = True, b""
        self._left = None if size in (0, 0xFFFFFFFF) else size
        return data

    def _read_format(self, body: bytes) -> None:
        if len(body) < 16:
            raise _refused("the WAV file's format is cut short")
        tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
        if tag == _EXTENSIBLE and len(body) >= 26:
            (tag,) = struct.unpack_from("<H", body, 24)
        encoding = _ENCODINGS.get((tag, bits))
        if encoding is None or channels == 0:
            raise _refused(f"WAV with format tag {tag}, {bits} bits and {channels} channels cannot be read")
        if not MIN_RATE <= rate <= MAX_RATE:
            raise _refused(f"the WAV file has {rate} samples a second, not {MIN_RATE} to {MAX_RATE}")
        self.rate, self._reader = rate, SampleReader(encoding, channels)


def _refused(what: str) -> MessageError:
    return MessageError(ErrorType.INVALID_AUDIO_TYPE, f"{what}; send WAV (PCM, float, mu-law or A-law) or raw samples")

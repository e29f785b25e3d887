"""What a client sends as audio, as 16 kHz samples: begin / step / end over bytes cut anywhere."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.audio.compressed import ADVICE, HEAD, CompressedReader, readable, with_length
from engine.audio.samples import Encoding, SampleReader
from engine.audio.wav import WavReader
from engine.protocol import AudioFormat, AudioType, ErrorType, MessageError

ENGINE_RATE = 16_000
_RAW = {
    AudioType.PCM_S16LE: Encoding.S16LE,
    AudioType.PCM_F32LE: Encoding.F32LE,
    AudioType.MULAW: Encoding.MULAW,
}
NO_SAMPLES = np.zeros(0, np.float32)


class Source(Protocol):
    """Bytes to samples of one channel at the source's own rate, which is known once samples come."""

    @property
    def rate(self) -> int | None: ...

    def step(self, data: bytes) -> NDArray[np.float32]: ...

    def end(self) -> NDArray[np.float32]: ...

    def close(self) -> None: ...


class Intake:
    """One session's audio, from bytes to 16 kHz."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._source = _open(audio_format)
        self._resampler: soxr.ResampleStream | None = None

    def step(self, data: bytes) -> NDArray[np.float32]:
        """Take in the next bytes.

        Returns:
            (n,) samples at 16 kHz in [-1, 1] that are ready; resampling holds a few milliseconds back.

        Raises:
            MessageError: the bytes are not audio of the announced format.
        """
        return self._resampled(self._source.step(data), last=False)

    def end(self) -> NDArray[np.float32]:
        """The samples still held back; half a sample at the very end is dropped.

        Raises:
            MessageError: the file ended before its first sample.
        """
        return self._resampled(self._source.end(), last=True)

    def close(self) -> None:
        """Free what decodes; nothing more comes."""
        self._source.close()

    def _resampled(self, pcm: NDArray[np.float32], last: bool) -> NDArray[np.float32]:
        rate = self._source.rate
        if rate is None or rate == ENGINE_RATE:
            return pcm
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(rate, ENGINE_RATE, 1, dtype="float32", quality="HQ")
        out: NDArray[np.float32] = self._resampler.resample_chunk(pcm, last=last)
        return np.clip(out, -1.0, 1.0)  # the filter overshoots full-scale steps


class RawSource:
    """Headerless samples of one channel."""

    def __init__(self, encoding: Encoding, rate: int) -> None:
        self.rate: int | None = rate
        self._reader = SampleReader(encoding, channels=1)

    def step(self, data: bytes) -> NDArray[np.float32]:
        """The whole samples that these bytes complete."""
        return self._reader.step(data)

    def end(self) -> NDArray[np.float32]:
        """Nothing is held back but half a sample."""
        return NO_SAMPLES

    def close(self) -> None:
        """There is nothing to free."""


class FileSource:
    """A file in pieces, whose first bytes tell what it is."""

    def __init__(self) -> None:
        self._head = b""
        self._reader: WavReader | CompressedReader | None = None

    @property
    def rate(self) -> int | None:
        """Samples a second, once they are known."""
        return None if self._reader is None else self._reader.rate

    def step(self, data: bytes) -> NDArray[np.float32]:
        """The samples that these bytes complete.

        Raises:
            MessageError: it is not a file that can be read.
        """
        if self._reader is not None:
            return self._reader.step(data)
        self._head += data
        return self._begin(self._head) if len(self._head) >= 4 else NO_SAMPLES

    def end(self) -> NDArray[np.float32]:
        """The samples that were held back.

        Raises:
            MessageError: the file ended before its first sample.
        """
        if self._reader is None and self._head:
            raise MessageError(ErrorType.DATA_ERROR, "the file ended inside its header; send the whole file")
        return NO_SAMPLES if self._reader is None else self._reader.end()

    def close(self) -> None:
        """Free the decoder."""
        if isinstance(self._reader, CompressedReader):
            self._reader.close()

    def _begin(self, head: bytes) -> NDArray[np.float32]:
        if head.startswith(b"RIFF"):
            self._reader, self._head = WavReader(), b""
            return self._reader.step(head)
        if not readable(head):
            reason = f"the file is of a kind that cannot be read (it begins with {head[:12]!r}); {ADVICE}"
            raise MessageError(ErrorType.INVALID_AUDIO_TYPE, reason)
        if len(head) < HEAD:
            return NO_SAMPLES
        self._reader, self._head = CompressedReader(head), b""
        return self._reader.step(with_length(head))


def _open(audio_format: AudioFormat) -> Source:
    if audio_format.type is AudioType.FILE:
        return FileSource()
    assert audio_format.sample_rate is not None  # parse_audio_format demands it of raw audio
    return RawSource(_RAW[audio_format.type], audio_format.sample_rate)

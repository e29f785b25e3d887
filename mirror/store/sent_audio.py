"""The audio that a captured client sent: decoded to samples, and written so that nothing of it changes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.protocol import AudioFormat, AudioType, MessageError, parse_audio_format
from mirror.errors import StoreError
from testsets.audio import to_float32, to_int16
from testsets.encoding import SAMPLE_BYTES, Encoding, decode, encode

_ENCODINGS: dict[AudioType, Encoding] = {
    AudioType.PCM_S16LE: "pcm_s16le",
    AudioType.PCM_F32LE: "pcm_f32le",
    AudioType.MULAW: "mulaw",
}


@dataclass(frozen=True, slots=True, eq=False)
class SentAudio:
    """Everything that was sent, and how it was cut."""

    rate: int
    samples: NDArray[np.float32]  # (n,) in [-1, 1]
    counts: tuple[int, ...]  # cumulative samples after each packet
    data_sha256: str = ""  # of the bytes, put together
    encoding: Encoding | None = None  # None when a file was streamed

    def is_exact(self, samples: NDArray[np.float32]) -> bool:
        """True when the very bytes that were sent can be made again from these samples."""
        return (
            self.encoding is not None and hashlib.sha256(encode(samples, self.encoding)).hexdigest() == self.data_sha256
        )


def decode_packets(config: Mapping[str, Any], packets: Sequence[bytes], where: str) -> SentAudio:
    """Put packets together; they may be cut inside a sample, and a last half sample is not audio.

    Args:
        config: a case's config, whose ``audio_format`` says what the bytes are.
        packets: as sent.
        where: the capture, for messages.

    Raises:
        StoreError: the format is unknown, or the file that was streamed cannot be decoded.
    """
    try:
        sent = parse_audio_format(config.get("audio_format", {}))
    except MessageError as error:
        raise StoreError(where, f"{error.reason}; nothing to replay") from None
    ends = np.cumsum([len(packet) for packet in packets], dtype=np.int64).tolist()
    data = b"".join(packets)
    return _raw(sent, data, ends) if sent.sample_rate is not None else _file(data, ends, where)


def write_exactly(audio: SentAudio, stem: Path, where: str) -> Path:
    """Write FLAC when the samples are those of 16 bits, else WAV of 32 bit floats; gives the file's path.

    Raises:
        StoreError: the file cannot be written.
    """
    integers = to_int16(np.nan_to_num(audio.samples))
    exact = np.array_equal(to_float32(integers), audio.samples)
    path = stem.with_name(stem.name + (".flac" if exact else ".wav"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if exact:
            soundfile.write(str(path), integers, audio.rate, subtype="PCM_16")
        else:
            soundfile.write(str(path), audio.samples, audio.rate, subtype="FLOAT")
    except (OSError, soundfile.LibsndfileError) as error:
        raise StoreError(where, f"its audio cannot be written to {path} ({error}); choose another folder") from None
    return path


def _raw(sent: AudioFormat, data: bytes, ends: list[int]) -> SentAudio:
    encoding = _ENCODINGS[sent.type]
    width = SAMPLE_BYTES[encoding]
    samples = decode(data[: len(data) // width * width], encoding)
    assert sent.sample_rate is not None
    counts = tuple(end // width for end in ends)
    return SentAudio(sent.sample_rate, samples, counts, hashlib.sha256(data).hexdigest(), encoding)


def _file(data: bytes, ends: list[int], where: str) -> SentAudio:
    """A whole file sent in pieces; its samples lie in its bytes evenly, exactly so (but for the header) in a WAV."""
    try:
        frames, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise StoreError(where, f"the file that the client streamed cannot be decoded ({error})") from None
    samples: NDArray[np.float32] = frames[:, 0] if frames.shape[1] == 1 else frames.mean(axis=1, dtype=np.float32)
    counts = tuple(end * len(samples) // max(1, len(data)) for end in ends)
    return SentAudio(int(rate), samples, counts, hashlib.sha256(data).hexdigest())

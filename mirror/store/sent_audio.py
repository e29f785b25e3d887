"""The audio that a captured client sent: decoded to samples, and written so that nothing of it changes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.protocol import AudioType, MessageError, parse_audio_format
from mirror.errors import StoreError
from testsets.audio import to_float32, to_int16
from testsets.encoding import SAMPLE_BYTES, Encoding, decode, encode

_ENCODINGS: dict[AudioType, Encoding] = {
    AudioType.PCM_S16LE: "pcm_s16le",
    AudioType.PCM_F32LE: "pcm_f32le",
    AudioType.MULAW: "mulaw",
}


_BLOCK_BYTES = 2**20  # how much is decoded at once: an hour of audio must not become gigabytes of floats


@dataclass(frozen=True, slots=True, eq=False)
class SentAudio:
    """Everything that was sent, and how it was cut; decoded a block at a time."""

    rate: int
    counts: tuple[int, ...]  # cumulative samples after each packet
    packets: tuple[bytes, ...]  # as sent
    encoding: Encoding | None  # None when a file was streamed
    file: NDArray[np.float32] | None = None  # that file, decoded

    @property
    def samples(self) -> int:
        """How many there are."""
        return len(self.file) if self.file is not None else max(self.counts, default=0)

    @property
    def data_sha256(self) -> str:
        """Of the bytes that were sent, put together."""
        state = hashlib.sha256()
        for packet in self.packets:
            state.update(packet)
        return state.hexdigest()

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """The samples in [-1, 1], in order; a last half sample is not audio."""
        if self.encoding is None:
            yield from () if self.file is None else (self.file,)
            return
        width, held = SAMPLE_BYTES[self.encoding], bytearray()
        for packet in self.packets:
            held += packet
            if len(held) >= _BLOCK_BYTES:
                cut = len(held) // width * width
                yield decode(bytes(held[:cut]), self.encoding)
                del held[:cut]
        if len(held) >= width:
            yield decode(bytes(held[: len(held) // width * width]), self.encoding)


def understand_packets(config: Mapping[str, Any], packets: Sequence[bytes], where: str) -> SentAudio:
    """Put packets together; they may be cut inside a sample.

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
    if sent.sample_rate is None:
        return _file(tuple(packets), ends, where)
    encoding = _ENCODINGS[sent.type]
    width = SAMPLE_BYTES[encoding]
    return SentAudio(sent.sample_rate, tuple(end // width for end in ends), tuple(packets), encoding)


def write_exactly(audio: SentAudio, stem: Path, where: str) -> Path:
    """Write FLAC when the samples are those of 16 bits, else WAV of 32 bit floats; gives the file's path.

    Raises:
        StoreError: the file cannot be written.
    """
    exact = all(np.array_equal(to_float32(_integers(block)), block) for block in audio.blocks())
    path = stem.with_name(stem.name + (".flac" if exact else ".wav"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with soundfile.SoundFile(path, "w", audio.rate, 1, "PCM_16" if exact else "FLOAT") as file:
            for block in audio.blocks():
                file.write(_integers(block) if exact else block)
    except (OSError, soundfile.LibsndfileError) as error:
        raise StoreError(where, f"its audio cannot be written to {path} ({error}); choose another folder") from None
    return path


def check_written(audio: SentAudio, path: Path, where: str) -> bool:
    """Read a file back and compare it with what was sent; whether the very bytes can be made again from it.

    Raises:
        StoreError: it holds other samples.
    """
    state = hashlib.sha256()
    with soundfile.SoundFile(path) as file:
        same = file.samplerate == audio.rate and file.frames == audio.samples
        for block in audio.blocks():
            found = file.read(len(block), dtype="float32")
            same = same and np.array_equal(found, block, equal_nan=True)
            if audio.encoding is not None:
                state.update(encode(found, audio.encoding))
    if not same:
        raise StoreError(where, "its audio reads back otherwise than it was written; check the disk and seal again")
    return state.hexdigest() == audio.data_sha256


def _integers(block: NDArray[np.float32]) -> NDArray[np.int16]:
    return to_int16(np.nan_to_num(block))


def _file(packets: tuple[bytes, ...], ends: list[int], where: str) -> SentAudio:
    """A whole file sent in pieces; its samples lie in its bytes evenly, exactly so (but for the header) in a WAV."""
    data = b"".join(packets)
    try:
        frames, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise StoreError(where, f"the file that the client streamed cannot be decoded ({error})") from None
    samples: NDArray[np.float32] = frames[:, 0] if frames.shape[1] == 1 else frames.mean(axis=1, dtype=np.float32)
    counts = tuple(end * len(samples) // max(1, len(data)) for end in ends)
    return SentAudio(int(rate), counts, packets, None, samples)

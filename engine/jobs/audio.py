"""A recording in a file as 16 kHz samples, in blocks: memory does not grow with its length.

WAV, FLAC, Ogg (Vorbis, Opus), MP3 and all else that libsndfile reads; MP4 (m4a), ADTS AAC, AMR and Matroska through
ffmpeg, where that program is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.audio.intake import ENGINE_RATE, Intake
from engine.jobs.errors import AudioError
from engine.protocol import AudioFormat, AudioType, MessageError

BLOCK_S = 10  # seconds
MIN_RATE, MAX_RATE = 4_000, 192_000
_PIECE = 1 << 18  # bytes
_MOST_SAMPLES = 1 << 23  # of all channels of a block: a file may claim a thousand channels
# By what a file begins with, never by what ffmpeg guesses: among its guesses are playlists that name other files.
_CONTAINERS = (
    (slice(4, 8), b"ftyp", "mov"),
    (slice(0, 2), b"\xff\xf1", "aac"),
    (slice(0, 2), b"\xff\xf9", "aac"),
    (slice(0, 5), b"#!AMR", "amr"),
    (slice(0, 4), b"\x1a\x45\xdf\xa3", "matroska"),
)
MOST_CHANNELS = 8  # that are told apart
_SEND = "send WAV, FLAC, Ogg, MP3 or MP4 audio"

Samples = NDArray[np.float32]


def probe(path: Path, apart: bool = False) -> int:
    """The length of a recording, judged by its beginning alone.

    Args:
        apart: its channels are to be told apart.

    Returns:
        Samples at 16 kHz; 0 where only decoding can tell.

    Raises:
        AudioError: the file is not audio that can be read here.
    """
    if path.stat().st_size == 0:
        raise AudioError(f"the file is empty; {_SEND}")
    try:
        with soundfile.SoundFile(path) as file:
            _judge(file, apart)
            return -(-int(file.frames) * ENGINE_RATE // int(file.samplerate))
    except soundfile.LibsndfileError:
        _container(path, apart)
        return 0


def blocks(path: Path, apart: bool = False) -> Generator[Samples, None, None]:
    """The samples of a recording, in order.

    Args:
        apart: give every channel, instead of their mean.

    Yields:
        (channels, n) samples at 16 kHz in [-1, 1], about ten seconds of them.

    Raises:
        AudioError: the file is not audio, damaged, or without a single sample.
    """
    heard = 0
    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError:
        source = _by_ffmpeg(path, _container(path, apart))
    else:
        unfinished = not file.frames and file.format in ("WAV", "WAVEX")
        source = _unfinished(file, path, apart) if unfinished else _by_soundfile(file, apart)
    for block in source:
        heard += block.shape[1]
        yield block
    if not heard:
        raise AudioError(f"the file has no samples; {_SEND}")


def _by_soundfile(file: soundfile.SoundFile, apart: bool) -> Generator[Samples, None, None]:
    with file:
        rate = int(file.samplerate)
        _judge(file, apart)
        resampler = soxr.ResampleStream(rate, ENGINE_RATE, file.channels if apart else 1, dtype="float32", quality="HQ")
        frames = max(1, min(BLOCK_S * rate, _MOST_SAMPLES // file.channels))
        last = False
        while not last:
            try:
                pcm = file.read(frames, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                at = file.tell() / rate if file.seekable() else 0
                raise AudioError(f"the file is damaged after about {at:.0f} s of audio: {error}") from None
            last = len(pcm) < frames
            # What is not a number becomes silence; the resampler would spread it.
            pcm = np.clip(np.nan_to_num(pcm, posinf=1.0, neginf=-1.0), -1.0, 1.0)
            if not apart:
                pcm = pcm.mean(axis=1, keepdims=True, dtype=np.float32)
            if rate != ENGINE_RATE:
                pcm = np.clip(resampler.resample_chunk(pcm, last=last), -1.0, 1.0)
            if len(pcm):
                yield np.ascontiguousarray(pcm.T)


def _unfinished(file: soundfile.SoundFile, path: Path, apart: bool) -> Generator[Samples, None, None]:
    """A file whose header says that it is empty: so it is, or its recorder died before it could write the length."""
    file.close()
    if apart:
        raise AudioError("the file has no length, so its channels cannot be told apart; send it whole")
    intake = Intake(AudioFormat(AudioType.FILE, None))
    try:
        with path.open("rb") as data:
            while piece := data.read(_PIECE):
                yield intake.step(piece)[None]
        yield intake.end()[None]
    except MessageError as error:
        raise AudioError(error.reason) from None


def _by_ffmpeg(path: Path, container: str) -> Generator[Samples, None, None]:
    """Decode by the program, of which nothing but the audio and one line about a failure is taken."""
    command = [
        _ffmpeg(), "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-f", container,
        "-i", f"file:{path}", "-map", "0:a:0", "-vn", "-ac", "1", "-ar", str(ENGINE_RATE), "-f", "f32le", "pipe:1",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as program:
        assert program.stdout is not None
        try:
            while data := program.stdout.read(BLOCK_S * ENGINE_RATE * 4):
                yield np.clip(np.nan_to_num(np.frombuffer(data, "<f4")), -1.0, 1.0).astype(np.float32)[None]
            if program.wait():
                said.seek(0)
                line = said.read(1_000).decode(errors="replace").strip().replace(str(path), "the file").splitlines()
                raise AudioError(f"the file cannot be decoded: {line[0] if line else 'no reason given'}")
        finally:
            program.kill()


def _container(path: Path, apart: bool) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    for place, magic, name in _CONTAINERS:
        if head[place] == magic:
            _ffmpeg()
            if apart:
                raise AudioError("channels of this kind of audio cannot be told apart; send WAV or FLAC")
            return name
    raise AudioError(f"the file is not audio that can be read here (it begins with {head[:12]!r}); {_SEND}")


def _ffmpeg() -> str:
    found = shutil.which("ffmpeg")
    if found is None:
        raise AudioError("this kind of audio needs the program ffmpeg, which this service has not; send WAV or FLAC")
    return found


def _judge(file: soundfile.SoundFile, apart: bool) -> None:
    if apart and file.channels > MOST_CHANNELS:
        raise AudioError(f"the file has {file.channels:,} channels, {MOST_CHANNELS} at most are told apart")
    rate = file.samplerate
    if not MIN_RATE <= rate <= MAX_RATE:
        raise AudioError(f"the file has {rate:,} samples a second; send {MIN_RATE:,} to {MAX_RATE:,}")

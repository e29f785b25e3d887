"""Recordings read block by block, so that one of many hours costs no more memory than one of a minute."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from engine.errors import TrainingError
from engine.training.corpus import SAMPLE_RATE, Samples, Utterance

BLOCK_S = 60.0


def blocks_of(utterance: Utterance, block_s: float = BLOCK_S) -> Iterator[Samples]:
    """Read an utterance in blocks, so that a recording of hours costs the memory of one.

    Args:
        utterance: whose file, span and channel are read.
        block_s: seconds a block.

    Yields:
        samples in [-1, 1] at 16 kHz; an utterance up to a block's length comes whole.

    Raises:
        TrainingError: the file cannot be read.
    """
    try:
        with soundfile.SoundFile(utterance.audio) as file:
            rate = file.samplerate
            first = utterance.start * rate // SAMPLE_RATE
            last = file.frames if utterance.end is None else min(file.frames, utterance.end * rate // SAMPLE_RATE)
            if first:
                file.seek(min(first, file.frames))
            resampler = None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
            size = round(block_s * rate)
            for start in range(first, last, size):
                samples = _mono(file.read(min(size, last - start), dtype="float32", always_2d=True), utterance.channel)
                done = start + size >= last
                yield samples if resampler is None else np.asarray(resampler.resample_chunk(samples, done), np.float32)
    except soundfile.LibsndfileError as wrong:
        raise TrainingError(str(utterance.audio), f"the audio of {utterance.name} cannot be read ({wrong})") from None


def _mono(samples: npt.NDArray[np.float32], channel: int | None) -> Samples:
    return np.ascontiguousarray(samples.mean(axis=1) if channel is None else samples[:, channel], np.float32)

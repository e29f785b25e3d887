"""The reference recogniser behind the scheduler's seam: one body step for many streams, one search for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.body import FRAMES_PER_TOKEN, Body, BodyState
from engine.channel import SLACK
from engine.frontend import FRAME_LENGTH, FRAME_SHIFT, SAMPLE_RATE, Frontend
from engine.hearing import Hearing
from engine.recogniser import RecognisedWord, Recogniser, WordStream

LEAST_MS = 320  # of look-ahead in service: shorter chunks cost more computation and words (docs/recogniser.md)
MIN_CONTEXT = round(0.3 * SAMPLE_RATE)  # samples heard after a word before it must be final, where the delay allows


class BatchedHearing:
    """One stream of the reference recogniser."""

    def __init__(self, body: BodyState, words: WordStream, chunks: Sequence[int]) -> None:
        self.body, self.words, self.frontend = body, words, Frontend()
        self.fed = 0  # samples
        self.frames = 0  # feature frames given to the body
        self._chunks = chunks  # samples, ascending
        self.chunk = chunks[0]
        self._short: int | None = None

    @property
    def size(self) -> int:
        """Samples that the next step decodes: the chunk, or less once after ``shorten``."""
        return self.chunk if self._short is None else self._short

    @property
    def wanted(self) -> int:
        """Samples that complete the last window of the next step."""
        frames = self.frames + self.size // FRAME_SHIFT
        return (frames - 1) * FRAME_SHIFT + FRAME_LENGTH - self.fed

    @property
    def decoded(self) -> int:
        """Samples whose words can be asked for."""
        return self.words.decoded_samples

    def tune(self, max_delay: int, enable_partials: bool) -> None:
        """Choose the look-ahead: as long as the delay allows, since more is more accurate; short for quick partials."""
        fitting = [chunk for chunk in self._chunks if chunk + SLACK + MIN_CONTEXT <= max_delay]
        self.chunk = fitting[-1] if fitting and not enable_partials else self._chunks[0]

    def shorten(self, available: int) -> None:
        """Make the next step as small as these samples allow, down to one frame; too few change nothing."""
        frames = (self.fed + available - FRAME_LENGTH) // FRAME_SHIFT + 1 - self.frames
        size = frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN * FRAME_SHIFT
        if 0 < size < self.chunk:
            self._short = size

    def partials(self) -> tuple[RecognisedWord, ...]:
        """The best words that are not final yet."""
        return self.words.partials()

    def finals(self, until_sample: int) -> tuple[RecognisedWord, ...]:
        """Commit and return the best words that end at or before a sample."""
        return self.words.finals(until_sample)

    def features(self, pcm: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 80) frames that these samples complete."""
        frames = self.frontend.step(pcm)
        self._short = None
        self.fed += len(pcm)
        self.frames += len(frames)
        return frames


class BatchedRecogniser:
    """A recogniser whose body steps many streams at once."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._body: Body = recogniser.body
        trained = sorted(self._body.card.chunk_ms)
        chunk_ms = [ms for ms in trained if ms >= LEAST_MS] or trained[-1:]
        self._first_ms = chunk_ms[0]
        self._chunks = [ms * SAMPLE_RATE // 1_000 for ms in chunk_ms]

    @property
    def digest(self) -> str:
        """Of body, graph and decode options."""
        return self._recogniser.digest

    def warm(self) -> None:
        """Recognise half a second of noise, so that no client waits for compilation or first allocations."""
        noise = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE // 2).astype(np.float32)
        hearing = self.begin(SAMPLE_RATE, enable_partials=True)
        self.step([hearing], [noise[: hearing.wanted]])
        hearing.partials()
        hearing.finals(hearing.decoded)
        self.end(hearing, noise[hearing.fed :])

    def begin(self, max_delay: int, enable_partials: bool) -> BatchedHearing:
        """Start a stream whose words are to be final ``max_delay`` samples after their end."""
        hearing = BatchedHearing(self._body.begin(self._first_ms), self._recogniser.begin_words(), self._chunks)
        hearing.tune(max_delay, enable_partials)
        return hearing

    def step(self, hearings: Sequence[Hearing], pcm: Sequence[NDArray[np.float32]]) -> None:
        """Give every stream exactly the samples it wanted; all must have the same size."""
        streams = cast(Sequence[BatchedHearing], hearings)
        features = np.stack([stream.features(samples) for stream, samples in zip(streams, pcm, strict=True)])
        log_probs = self._body.step([stream.body for stream in streams], features)
        for stream, rows in zip(streams, log_probs, strict=True):
            stream.words.step(rows)

    def end(self, hearing: Hearing, rest: NDArray[np.float32]) -> tuple[RecognisedWord, ...]:
        """Finish a stream with fewer samples than it wanted; every word that is not final yet."""
        stream = cast(BatchedHearing, hearing)
        stream.words.step(self._body.end(stream.body, stream.features(rest)))
        return stream.words.end(stream.fed)

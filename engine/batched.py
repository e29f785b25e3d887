"""The reference recogniser behind the scheduler's seam: one body step for many streams, one search for each.

All operating points hear through one body, so their streams are stepped together; they differ in how they search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.acoustic.body import FRAMES_PER_TOKEN, Body, BodyState
from engine.acoustic.frontend import FRAME_LENGTH, FRAME_SHIFT, SAMPLE_RATE, Frontend
from engine.channel import SLACK
from engine.dictionary.entries import Entry
from engine.errors import ModelError
from engine.hearing import Hearing
from engine.protocol import AudioFormat, AudioType
from engine.recogniser import RecognisedWord, Recogniser, WordStream
from engine.session_config import ENHANCED, STANDARD, SessionConfig

LEAST_MS = 320  # of look-ahead in service: shorter chunks cost more computation and words (docs/recogniser.md)
MIN_CONTEXT = round(0.3 * SAMPLE_RATE)  # samples heard after a word before it must be final, where the delay allows
QUIET = 5  # frames without a phone that make a place where nobody is speaking
NOTHING_HEARD = np.zeros((0, 1), np.float32)


class BatchedHearing:
    """One stream of the reference recogniser."""

    def __init__(
        self, body: BodyState, recognisers: Mapping[str, Recogniser], chunks: Sequence[int], config: SessionConfig
    ) -> None:
        self.body, self.frontend = body, Frontend()
        self.model = config.model
        self._recognisers = recognisers
        self.words = self._begin_words(config)
        self.fed = 0  # samples
        self.frames = 0  # feature frames given to the body
        self._chunks = chunks  # samples, ascending
        self._last_heard = NOTHING_HEARD  # (T, V) log-probs of the last step
        self._short: int | None = None
        self.tune(config)

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

    @property
    def changing(self) -> bool:
        """Another model was asked for and waits for ``turn``."""
        return self._config.model != self.model

    def tune(self, config: SessionConfig) -> None:
        """Choose the look-ahead: as long as the delay allows, since more is more accurate; short for quick partials."""
        fitting = [chunk for chunk in self._chunks if chunk + SLACK + MIN_CONTEXT <= config.max_delay]
        self.chunk = fitting[-1] if fitting and not config.enable_partials else self._chunks[0]
        self._config = config

    def turn(self) -> None:
        """Let the other model take over if nobody is speaking; only while every word that was heard is final."""
        if self.changing and not self._last_heard[-QUIET:].argmax(axis=1, keepdims=True).any():
            self.model = self._config.model
            self.words = self._begin_words(self._config, since=self.decoded)

    def _begin_words(self, config: SessionConfig, since: int = 0) -> WordStream:
        recogniser = self._recognisers[config.model]
        return recogniser.begin_words(since, recogniser.dictionary(config.vocabulary))

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

    def hear(self, log_probs: NDArray[np.float32]) -> None:
        """Search on with what the body made of the features."""
        self.words.step(log_probs)
        self._last_heard = log_probs

    def features(self, pcm: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 80) frames that these samples complete."""
        frames = self.frontend.step(pcm)
        self._short = None
        self.fed += len(pcm)
        self.frames += len(frames)
        return frames


class BatchedRecogniser:
    """A recogniser whose body steps many streams at once.

    Args:
        recogniser: serves ``standard``.
        enhanced: serves ``enhanced``, with the same body; None serves it by ``standard`` too.

    Raises:
        ModelError: the bodies differ.
    """

    def __init__(self, recogniser: Recogniser, enhanced: Recogniser | None = None) -> None:
        self._recogniser = recogniser
        self._recognisers = {STANDARD: recogniser} | ({ENHANCED: enhanced} if enhanced is not None else {})
        self._body: Body = recogniser.body
        for other in self._recognisers.values():
            if other.body.card.digest != self._body.card.digest:
                names = f"{other.body.card.name}/{other.body.card.version}"
                raise ModelError(names, "has another body than the standard model; serve two models of one body")
        trained = sorted(self._body.card.chunk_ms)
        chunk_ms = [ms for ms in trained if ms >= LEAST_MS] or trained[-1:]
        self._first_ms = chunk_ms[0]
        self._chunks = [ms * SAMPLE_RATE // 1_000 for ms in chunk_ms]

    @property
    def digest(self) -> str:
        """Of body, graph and decode options."""
        return self._recogniser.digest

    @property
    def models(self) -> Mapping[str, str]:
        """The operating points that sessions may choose, the default first, and the digest of each."""
        return {name: recogniser.digest for name, recogniser in self._recognisers.items()}

    def warm(self) -> None:
        """Recognise half a second of noise, so that no client waits for compilation, first allocations or spelling."""
        noise = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE // 2).astype(np.float32)
        audio_format = AudioFormat(AudioType.PCM_F32LE, SAMPLE_RATE)
        for model in self._recognisers:
            config = SessionConfig(audio_format, {}, enable_partials=True, model=model, vocabulary=(Entry("Zyzzyva"),))
            hearing = self.begin(config)
            self.step([hearing], [noise[: hearing.wanted]])
            hearing.partials()
            hearing.finals(hearing.decoded)
            self.end(hearing, noise[hearing.fed :])

    def reserve(self, streams: int) -> int:
        """Take now what so many streams at a time keep in body and search, whichever models they choose.

        Returns:
            Bytes of one stream.

        Raises:
            MemoryError: the system has not so much.
        """
        kept = self._body.reserve(streams)
        for recogniser in self._recognisers.values():
            recogniser.decoder.channels.reserve(streams)
            kept += recogniser.decoder.channels.record
        return kept

    def prepare(self, config: SessionConfig) -> None:
        """Build a session's dictionary, for every model that it may change to; any thread."""
        for recogniser in self._recognisers.values():
            recogniser.dictionary(config.vocabulary)

    def begin(self, config: SessionConfig) -> BatchedHearing:
        """Start a stream as its session was configured."""
        return BatchedHearing(self._body.begin(self._first_ms), self._recognisers, self._chunks, config)

    def step(self, hearings: Sequence[Hearing], pcm: Sequence[NDArray[np.float32]]) -> None:
        """Give every stream exactly the samples it wanted; all must have the same size."""
        streams = cast(Sequence[BatchedHearing], hearings)
        features = np.stack([stream.features(samples) for stream, samples in zip(streams, pcm, strict=True)])
        log_probs = self._body.step([stream.body for stream in streams], features)
        for stream, rows in zip(streams, log_probs, strict=True):
            stream.hear(rows)

    def end(self, hearing: Hearing, rest: NDArray[np.float32]) -> tuple[RecognisedWord, ...]:
        """Finish a stream with fewer samples than it wanted; every word that is not final yet."""
        stream = cast(BatchedHearing, hearing)
        stream.words.step(self._body.end(stream.body, stream.features(rest)))
        return stream.words.end(stream.fed)

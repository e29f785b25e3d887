"""Log-probabilities to words by an arm's search, and how long that took."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.recogniser.arms import Arm
from benchmarks.recogniser.listening import log_probs_of
from benchmarks.recogniser.recordings import NORMALISER, RATE, Recording
from engine.acoustic.body import LogProbs
from engine.recogniser import RecognisedWord, WordStream
from engine.word_times import FRAME_SAMPLES
from harness.measures.counts import WordErrors
from harness.measures.words.alignment import Step, align, word_errors

_SLACK = round(0.2 * RATE)  # samples that a session keeps back for computing and the way to the client


@dataclass(frozen=True, slots=True)
class Heard:
    """What an arm made of one recording."""

    recording: Recording
    words: tuple[RecognisedWord, ...]
    frames: int  # of 40 ms
    search_ns: int  # CPU time of the search alone

    @property
    def said(self) -> tuple[str, ...]:
        """The recognised words, normalised."""
        return tuple(word for word, _ in self.placed)

    @property
    def errors(self) -> WordErrors:
        """Against the reference."""
        return word_errors(self.recording.words, self.said)

    @property
    def placed(self) -> tuple[tuple[str, int], ...]:
        """The recognised words, normalised, each with its place among ``words``."""
        return NORMALISER.split_words([word.text for word in self.words])

    def steps(self) -> tuple[Step, ...]:
        """The edit script from reference to recognised words."""
        return align(self.recording.words, self.said)


def hear(arm: Arm, recordings: Sequence[Recording], cache: Path | None) -> list[Heard]:
    """Recognise every recording."""
    with arm.recogniser() as recogniser:
        heard = log_probs_of(recogniser.body, recordings, arm.chunk_ms, cache)
        found: list[Heard] = []
        for recording, log_probs in zip(recordings, heard, strict=True):
            begin = time.thread_time_ns()
            words = search(recogniser.begin_words(), log_probs, arm)
            found.append(Heard(recording, words, len(log_probs), time.thread_time_ns() - begin))
        return found


def search(stream: WordStream, log_probs: LogProbs, arm: Arm) -> tuple[RecognisedWord, ...]:
    """Words of one stream, stepped by chunks; with ``max_delay_ms`` they become final as a session's do."""
    size = len(log_probs) if arm.chunk_ms is None else arm.chunk_ms // 40
    words: list[RecognisedWord] = []
    for at in range(0, len(log_probs), max(size, 1)):
        stream.step(np.asarray(log_probs[at : at + size]))
        if arm.max_delay_ms is not None:
            read = stream.decoded_samples + FRAME_SAMPLES
            due = read + size * FRAME_SAMPLES + _SLACK - arm.max_delay_ms * RATE // 1_000
            if due > 0:
                words += stream.finals(min(due, stream.decoded_samples))
    return (*words, *stream.end(len(log_probs) * FRAME_SAMPLES))

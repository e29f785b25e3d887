"""A meeting made ready to be measured: both sides in order, words as numbers, intervals in which they may be paired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from harness.measures.meetings.utterances import Utterance
from kernels.utterance_assignment import Parts

_NO_TIMES = np.zeros(0, np.int64), np.zeros(0, np.int64)


@dataclass(frozen=True)
class Side:
    """One side of a meeting: its utterances in order of time where they have times, and the speakers they name."""

    utterances: tuple[Utterance, ...]  # those with words
    places: tuple[int, ...]  # where each stood among those given
    given: int  # how many were given, those without words included

    @classmethod
    def of(cls, utterances: Sequence[Utterance]) -> Side:
        """Utterances in any order; those without words are left out, and a speaker without words is none."""
        kept = [place for place, utterance in enumerate(utterances) if utterance.words]
        starts = {place: utterances[place].words[0].start for place in kept}
        if None not in starts.values():
            kept.sort(key=lambda place: starts[place] or 0)
        return cls(tuple(utterances[place] for place in kept), tuple(kept), len(utterances))

    @cached_property
    def timed(self) -> bool:
        """Whether every word has times."""
        return None not in [word.start for utterance in self.utterances for word in utterance.words]

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """Who says a word, in order of their first."""
        return tuple(dict.fromkeys(utterance.speaker for utterance in self.utterances))

    @cached_property
    def speaker_of(self) -> NDArray[np.int64]:
        """(U,) the speaker of each utterance."""
        numbers = {speaker: number for number, speaker in enumerate(self.speakers)}
        return np.array([numbers[utterance.speaker] for utterance in self.utterances], np.int64)

    @cached_property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The words of each utterance."""
        return tuple(tuple([word.text for word in utterance.words]) for utterance in self.utterances)

    def text(self, chosen: NDArray[np.bool_]) -> list[str]:
        """The words of these utterances end to end."""
        return list(chain.from_iterable(self.texts[u] for u in np.flatnonzero(chosen)))

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """(U + 1,) which of all words are an utterance's: bounds[u] to bounds[u + 1]."""
        sizes = np.fromiter(map(len, self.texts), np.int64, len(self.texts))
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])

    @cached_property
    def speaker_of_words(self) -> NDArray[np.int64]:
        """(N,) the speaker of each word."""
        return np.repeat(self.speaker_of, np.diff(self.bounds))


@dataclass(frozen=True)
class Meeting:
    """What was said and what was recognised.

    Times: a reference word may be paired in its own interval; a hypothesis word in the point at its centre, widened by
    the collar on both sides. These are meeteval's defaults (``character_based`` and ``character_based_points``). One
    unit of time is half a sample, so that a centre is exact.
    """

    reference: Side
    hypothesis: Side
    rate: int  # samples per second of both sides' times
    collar_ms: int

    @cached_property
    def timed(self) -> bool:
        """Whether every word of both sides has times."""
        return self.reference.timed and self.hypothesis.timed

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Every different word's number."""
        texts = chain(chain.from_iterable(self.reference.texts), chain.from_iterable(self.hypothesis.texts))
        return {text: number for number, text in enumerate(dict.fromkeys(texts))}

    @cached_property
    def said_ids(self) -> NDArray[np.int32]:
        """(N,) the number of each of the reference's words."""
        return self._ids(self.reference)

    @cached_property
    def heard_ids(self) -> NDArray[np.int32]:
        """(N,) the number of each of the hypothesis's words."""
        return self._ids(self.hypothesis)

    @cached_property
    def said(self) -> Parts:
        """The reference's utterances, with the interval in which each word may be paired."""
        if not self.timed:
            return without_times(Parts(self.said_ids, *_NO_TIMES, self.reference.bounds))
        start, end = _times(self.reference)
        return Parts(self.said_ids, 2 * start, 2 * end, self.reference.bounds)

    @cached_property
    def heard(self) -> Parts:
        """The hypothesis's utterances, likewise."""
        if not self.timed:
            return without_times(Parts(self.heard_ids, *_NO_TIMES, self.hypothesis.bounds))
        start, end = _times(self.hypothesis)
        collar = self.collar_ms * self.rate // 1000
        return Parts(self.heard_ids, start + end - 2 * collar, start + end + 2 * collar, self.hypothesis.bounds)

    def _ids(self, side: Side) -> NDArray[np.int32]:
        words = chain.from_iterable(side.texts)
        return np.fromiter(map(self.numbers.__getitem__, words), np.int32, int(side.bounds[-1]))


def _times(side: Side) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    words = [word for utterance in side.utterances for word in utterance.words]
    return np.array([word.start for word in words], np.int64), np.array([word.end for word in words], np.int64)


def without_times(parts: Parts) -> Parts:
    """The same words, any of which may be paired with any."""
    return Parts(parts.ids, np.zeros(len(parts.ids), np.int64), np.ones(len(parts.ids), np.int64), parts.bounds)


def by_speaker(parts: Parts, side: Side) -> Parts:
    """One part for each speaker of the side: the speaker's utterances end to end."""
    grouped = parts.chosen(np.argsort(side.speaker_of, kind="stable"))
    sizes = np.bincount(side.speaker_of, weights=np.diff(parts.bounds), minlength=len(side.speakers))
    return grouped._replace(bounds=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))

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
        if all(word.start is not None for place in kept for word in utterances[place].words):
            kept.sort(key=lambda place: utterances[place].start or 0)
        return cls(tuple(utterances[place] for place in kept), tuple(kept), len(utterances))

    @cached_property
    def timed(self) -> bool:
        """Whether every word has times."""
        return all(word.start is not None for utterance in self.utterances for word in utterance.words)

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
        return tuple(tuple(word.text for word in utterance.words) for utterance in self.utterances)

    def text(self, chosen: NDArray[np.bool_]) -> list[str]:
        """The words of these utterances end to end."""
        return list(chain.from_iterable(self.texts[u] for u in np.flatnonzero(chosen)))

    @cached_property
    def streams(self) -> tuple[list[str], ...]:
        """The words of each speaker end to end."""
        return tuple(self.text(self.speaker_of == number) for number in range(len(self.speakers)))


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
    def said(self) -> Parts:
        """The reference's utterances."""
        return self._parts(self.reference, None)

    @cached_property
    def heard(self) -> Parts:
        """The hypothesis's utterances."""
        return self._parts(self.hypothesis, self.collar_ms * self.rate // 1000)

    def _parts(self, side: Side, collar: int | None) -> Parts:
        sizes = [len(texts) for texts in side.texts]
        ids = np.array([self.numbers[text] for text in chain.from_iterable(side.texts)], np.int32)
        bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        if not self.timed:
            return without_times(Parts(ids, ids.astype(np.int64), ids.astype(np.int64), bounds))
        words = [word for utterance in side.utterances for word in utterance.words]
        start = np.array([word.start for word in words], np.int64)
        end = np.array([word.end for word in words], np.int64)
        if collar is None:
            return Parts(ids, 2 * start, 2 * end, bounds)
        return Parts(ids, start + end - 2 * collar, start + end + 2 * collar, bounds)


def without_times(parts: Parts) -> Parts:
    """The same words, any of which may be paired with any."""
    return Parts(parts.ids, np.zeros(len(parts.ids), np.int64), np.ones(len(parts.ids), np.int64), parts.bounds)


def by_speaker(parts: Parts, side: Side) -> Parts:
    """One part for each speaker of the side: the speaker's utterances end to end."""
    grouped = parts.chosen(np.argsort(side.speaker_of, kind="stable"))
    sizes = np.bincount(side.speaker_of, weights=np.diff(parts.bounds), minlength=len(side.speakers))
    return grouped._replace(bounds=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))

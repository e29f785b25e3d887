"""Words that were not spoken: a gate that wants evidence of speech around every word.

A search always finds some words, for its graph has no way to say "this is a dog". Speech shows as phones that the
body is sure of, several in a second; noise and music show as few and doubtful ones, and as words stretched over them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_SECOND = 25
LETTERS = 45  # of the longest word


class PlacedWord(Protocol):
    """A decoded word, as far as the gate looks at it."""

    @property
    def text(self) -> str:
        """How it is written."""

    @property
    def start_frame(self) -> int:
        """Its first frame."""

    @property
    def end_frame(self) -> int:
        """One past its last frame."""


Word = TypeVar("Word", bound=PlacedWord)


@dataclass(frozen=True, slots=True)
class NonspeechOptions:
    """How much evidence a word needs."""

    evidence: float = 0.7  # sum of squared posteriors of the phones about a word; 0 lets every word pass
    around: int = FRAMES_PER_SECOND  # frames before and after the word that count as well
    stretch: int = 6  # a word has at most so many frames a letter,
    slack: int = 8  # and these


class SpeechGate:
    """The evidence of one stream; a word passes if there is enough of it about the word."""

    def __init__(self, options: NonspeechOptions | None = None) -> None:
        self._options = options or NonspeechOptions()
        self._heard = 0  # frames
        self._last = 0  # token of the last frame
        self._frames: list[int] = []  # where each phone began
        self._peaks: list[float] = []  # its highest posterior

    def hear(self, log_probs: NDArray[np.float32]) -> None:
        """Take in what the body says.

        Args:
            log_probs: (T, V) natural log posteriors, token 0 the blank.
        """
        if not len(log_probs) or self._options.evidence == 0:
            return
        best = log_probs.argmax(axis=1)
        posterior = np.exp(log_probs[np.arange(len(best)), best])
        turns = np.flatnonzero(np.diff(best)) + 1
        starts = np.concatenate([[0], turns])
        peaks = np.maximum.reduceat(posterior, starts)
        for start, peak in zip(starts.tolist(), peaks.tolist(), strict=True):
            token = int(best[start])
            if token and start == 0 and token == self._last and self._peaks:
                self._peaks[-1] = max(self._peaks[-1], peak)
            elif token:
                self._frames.append(self._heard + start)
                self._peaks.append(peak)
        self._heard += len(best)
        self._last = int(best[-1])

    def keep(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words that have the evidence, by all that was heard so far."""
        return tuple(word for word in words if self._plausible(word))

    def forget(self, before: int) -> None:
        """Free what no word can need that ends at this frame or later."""
        done = bisect_left(self._frames, before - self._longest(LETTERS) - self._options.around)
        done = min(done, max(len(self._frames) - 1, 0))  # the last phone may go on
        del self._frames[:done], self._peaks[:done]

    def _longest(self, letters: int) -> int:
        return self._options.stretch * letters + self._options.slack

    def _plausible(self, word: PlacedWord) -> bool:
        options = self._options
        if options.evidence == 0:
            return True
        if word.end_frame - word.start_frame > self._longest(len(word.text)):
            return False
        first = bisect_left(self._frames, word.start_frame - options.around)
        last = bisect_right(self._frames, word.end_frame + options.around)
        return sum(peak * peak for peak in self._peaks[first:last]) >= options.evidence

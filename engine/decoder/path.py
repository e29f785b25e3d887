"""A path as flat lists, and its division into words by the lexicon.

The graph says a word somewhere between the word's first and last phone (determinisation decides where), so word
boundaries are found by fitting pronunciations to the phones of the path.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from engine.decoder.vocabulary import SpokenWords
from engine.decoder.words import DecodedWord


@dataclass
class PathTail:
    """The part of a path that is not divided into final words yet; grows at its end, shrinks at its front."""

    phones: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)  # frame each phone was entered
    lasts: list[int] = field(default_factory=list)  # last frame each phone was emitted
    peaks: list[float] = field(default_factory=list)  # highest log posterior of each phone
    words: list[int] = field(default_factory=list)
    said: list[int] = field(default_factory=list)  # how many phones the path had when it said the word

    def enter(self, phone: int, frame: int, prev_last: int, prev_peak: float) -> None:
        """Take on a phone; what is now known of the phone before it is filled in."""
        self.leave(prev_last, prev_peak)
        self.phones.append(phone)
        self.starts.append(frame)
        self.lasts.append(frame)
        self.peaks.append(0.0)

    def leave(self, last: int, peak: float) -> None:
        """Fill in where the newest phone was last emitted, and its peak."""
        if self.phones:
            self.lasts[-1], self.peaks[-1] = last, peak

    def say(self, word: int) -> None:
        """Take on a word."""
        self.words.append(word)
        self.said.append(len(self.phones))

    def copy(self) -> PathTail:
        """An independent copy."""
        return replace(
            self, phones=self.phones[:], starts=self.starts[:], lasts=self.lasts[:], peaks=self.peaks[:],
            words=self.words[:], said=self.said[:],
        )  # fmt: skip

    def drop(self, words: int, phones: int) -> None:
        """Forget the first words and their phones."""
        del self.phones[:phones], self.starts[:phones], self.lasts[:phones], self.peaks[:phones]
        del self.words[:words], self.said[:words]
        self.said[:] = [count - phones for count in self.said]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A word and its phones, from first to last (exclusive), by their places in the tail."""

    number: int
    first: int
    last: int


def fit_words(tail: PathTail, lexicon: SpokenWords) -> list[Fitted]:
    """Divide the phones of a tail into its words; a last word whose phones are incomplete is left out."""
    ends: list[dict[int, int]] = []  # for each word: possible end -> its start
    starts = {0}
    for place, number in enumerate(tail.words):
        until = tail.said[place + 1] if place + 1 < len(tail.words) else len(tail.phones) + 1
        fits: dict[int, int] = {}
        for start in sorted(starts):
            for variant in lexicon.pronunciations[number]:
                end = start + len(variant)
                if tail.said[place] <= end < until and tuple(tail.phones[start:end]) == variant:
                    fits.setdefault(end, start)
        if not fits:
            break
        ends.append(fits)
        starts = set(fits)
    return _walk_back(tail, ends)


def timed(tail: PathTail, word: Fitted, lexicon: SpokenWords, earliest: int) -> DecodedWord:
    """A fitted word with its frames and its confidence.

    Args:
        earliest: frame where the last committed word ended; paths may differ by a frame about that.
    """
    peaks = tail.peaks[word.first : word.last]
    confidence = math.exp(sum(peaks) / len(peaks))
    start = max(tail.starts[word.first], earliest)
    end = max(tail.lasts[word.last - 1] + 1, start)
    return DecodedWord(lexicon.words[word.number], start, end, min(confidence, 1.0))


def _walk_back(tail: PathTail, ends: list[dict[int, int]]) -> list[Fitted]:
    words: list[Fitted] = []
    if not ends:
        return words
    end = max(ends[-1])
    for number, fits in zip(reversed(tail.words[: len(ends)]), reversed(ends), strict=True):
        words.append(Fitted(number, fits[end], end))
        end = fits[end]
    return words[::-1]

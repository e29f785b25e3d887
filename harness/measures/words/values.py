"""What else word counts say: match error rate, word information lost, detection of chosen words and spans."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.measures.counts import Share, WordErrors


@dataclass(frozen=True, slots=True)
class WordInformation:
    """How much of what was said arrives; the rate is word information lost (WIL).

    Products of counts do not add up over cases, the counts do: so there is no ``errors / total`` to be summed.

    Source: Morris, Maier and Green, "From WER and RIL to MER and WIL" (Interspeech 2004).
    """

    hits: int = 0
    reference: int = 0  # words said
    hypothesis: int = 0  # words heard

    def __add__(self, other: WordInformation) -> WordInformation:
        return WordInformation(
            self.hits + other.hits, self.reference + other.reference, self.hypothesis + other.hypothesis
        )

    @property
    def preserved(self) -> float | None:
        """Word information preserved (WIP): the share of words said that were heard, times the converse."""
        if not self.reference or not self.hypothesis:
            return 0.0 if self.reference or self.hypothesis else None
        return (self.hits / self.reference) * (self.hits / self.hypothesis)

    @property
    def rate(self) -> float | None:
        """Word information lost: 1 - WIP."""
        return None if self.preserved is None else 1 - self.preserved


@dataclass(frozen=True, slots=True)
class Detections:
    """Chosen words or marks found, missed and made up; the rate is 1 - F1."""

    hits: int = 0
    missed: int = 0
    spurious: int = 0

    def __add__(self, other: Detections) -> Detections:
        return Detections(self.hits + other.hits, self.missed + other.missed, self.spurious + other.spurious)

    @property
    def errors(self) -> int:
        return self.missed + self.spurious

    @property
    def total(self) -> int:
        return 2 * self.hits + self.missed + self.spurious

    @property
    def scale(self) -> int:
        return 1

    @property
    def rate(self) -> float | None:
        return self.errors / self.total if self.total else None

    @property
    def precision(self) -> float | None:
        """Of those in the hypothesis, the share that was said."""
        found = self.hits + self.spurious
        return self.hits / found if found else None

    @property
    def recall(self) -> float | None:
        """Of those said, the share that was found."""
        said = self.hits + self.missed
        return self.hits / said if said else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        return None if self.rate is None else 2 * self.hits / self.total


@dataclass(frozen=True, slots=True)
class SpanErrors:
    """Marked stretches of the reference; the rate is the share with anything wrong in them."""

    wrong: int = 0
    spans: int = 0
    words: WordErrors = field(default_factory=WordErrors)  # within the spans, insertions between their words included

    def __add__(self, other: SpanErrors) -> SpanErrors:
        return SpanErrors(self.wrong + other.wrong, self.spans + other.spans, self.words + other.words)

    @property
    def errors(self) -> int:
        return self.wrong

    @property
    def total(self) -> int:
        return self.spans

    @property
    def scale(self) -> int:
        return 1

    @property
    def rate(self) -> float | None:
        return self.wrong / self.spans if self.spans else None

    @property
    def recall(self) -> float | None:
        """The share of spans with every word right and nothing put between."""
        return (self.spans - self.wrong) / self.spans if self.spans else None


def match_errors(words: WordErrors) -> Share:
    """The match error rate (MER): errors over all aligned places, so never above 1.

    Source: Morris, Maier and Green (2004), as WordInformation.
    """
    return Share(words.errors, words.reference + words.insertions)


def word_information(words: WordErrors) -> WordInformation:
    """Word information lost and preserved from the same counts as the WER."""
    hits = words.reference - words.substitutions - words.deletions
    return WordInformation(hits, words.reference, hits + words.substitutions + words.insertions)

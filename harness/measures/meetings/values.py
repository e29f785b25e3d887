"""What is counted in a meeting, beside word errors, and what is told beside the counts."""

from __future__ import annotations

from dataclasses import dataclass

from harness.measures.counts import WordErrors


@dataclass(frozen=True, slots=True)
class SpeakerCountErrors:
    """Speakers too few or too many, of those who say a word; the rate is per reference speaker."""

    missed: int = 0
    extra: int = 0
    reference: int = 0

    def __add__(self, other: SpeakerCountErrors) -> SpeakerCountErrors:
        return SpeakerCountErrors(
            self.missed + other.missed, self.extra + other.extra, self.reference + other.reference
        )

    @property
    def errors(self) -> int:
        return self.missed + self.extra

    @property
    def total(self) -> int:
        return self.reference

    @property
    def scale(self) -> int:
        return 1

    @property
    def rate(self) -> float | None:
        return self.errors / self.reference if self.reference else None


@dataclass(frozen=True, slots=True)
class AttributionErrors:
    """Right words with the wrong speaker, of all right words; substituted words are counted beside."""

    wrong: int = 0  # right words of another speaker than who said them
    right: int = 0  # right words, whoever is named
    substituted_wrong: int = 0
    substituted: int = 0  # words taken for another, whoever is named

    def __add__(self, other: AttributionErrors) -> AttributionErrors:
        return AttributionErrors(
            self.wrong + other.wrong,
            self.right + other.right,
            self.substituted_wrong + other.substituted_wrong,
            self.substituted + other.substituted,
        )

    @property
    def errors(self) -> int:
        return self.wrong

    @property
    def total(self) -> int:
        return self.right

    @property
    def scale(self) -> int:
        return 1

    @property
    def rate(self) -> float | None:
        return self.wrong / self.right if self.right else None

    @property
    def wder(self) -> float | None:
        """The word diarisation error rate, which counts substituted words like right ones.

        Source: El Shafey, Soltau and Shafran, "Joint speech recognition and speaker diarization via sequence
        transduction" (Interspeech 2019), equation 1.
        """
        paired = self.right + self.substituted
        return (self.wrong + self.substituted_wrong) / paired if paired else None


@dataclass(frozen=True, slots=True)
class Permuted:
    """Errors once hypothesis speakers are given to reference speakers one to one, as cheaply as can be."""

    errors: WordErrors
    speakers: SpeakerCountErrors
    pairs: tuple[tuple[str | None, str | None], ...]  # reference speaker, hypothesis speaker; None beyond the other's


@dataclass(frozen=True, slots=True)
class Placed:
    """Errors once each utterance of one side is put on the cheapest speaker of the other."""

    errors: WordErrors
    moved: str  # "reference" or "hypothesis": whose utterances went to the other side's speakers
    speakers: tuple[
        str | None, ...
    ]  # of each moved utterance as given; None without words, or without a speaker to go to
    exact: bool  # nothing is cheaper; else a search found it, and something may be


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose words the right words are said to be."""

    errors: AttributionErrors
    moved: str  # whose utterances moved so that words could be paired: "reference", "hypothesis" or "nothing"

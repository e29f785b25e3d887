"""The measures as values: words, characters, speakers, delays, pace. Counts only, no text and no audio."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from math import lcm


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Word errors of one or many cases; the rate is the word error rate (WER)."""

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    reference: int = 0  # words of the reference

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.reference + other.reference,
        )

    @property
    def errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def heard(self) -> int:
        """Words of the hypothesis."""
        return self.reference - self.deletions + self.insertions

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
class Share:
    """So many of so many, where nothing else is to be told apart: words never seen, finals that came late."""

    errors: int = 0  # what counts against the recogniser
    total: int = 0  # what could have

    def __add__(self, other: Share) -> Share:
        return Share(self.errors + other.errors, self.total + other.total)

    @property
    def scale(self) -> int:
        return 1

    @property
    def rate(self) -> float | None:
        return self.errors / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class CharacterErrors:
    """Character errors, white space between words included; the rate is the character error rate (CER)."""

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    reference: int = 0  # characters of the reference

    def __add__(self, other: CharacterErrors) -> CharacterErrors:
        return CharacterErrors(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.reference + other.reference,
        )

    @property
    def errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

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
class SpeakerErrors:
    """Diarisation errors as integer samples; the rate is the diarisation error rate (DER).

    Sums over different sample rates are exact: both sides are brought to the least common multiple of the rates.
    """

    missed: int = 0
    false_alarm: int = 0
    confusion: int = 0
    speech: int = 0  # scored reference speech; overlapped speech counts once for each speaker
    sample_rate: int = 1

    def __add__(self, other: SpeakerErrors) -> SpeakerErrors:
        common = lcm(self.sample_rate, other.sample_rate)
        a, b = common // self.sample_rate, common // other.sample_rate
        return SpeakerErrors(
            a * self.missed + b * other.missed,
            a * self.false_alarm + b * other.false_alarm,
            a * self.confusion + b * other.confusion,
            a * self.speech + b * other.speech,
            common,
        )

    @property
    def errors(self) -> int:
        return self.missed + self.false_alarm + self.confusion

    @property
    def total(self) -> int:
        return self.speech

    @property
    def scale(self) -> int:
        return self.sample_rate

    @property
    def rate(self) -> float | None:
        return self.errors / self.speech if self.speech else None


@dataclass(frozen=True, slots=True)
class Delays:
    """Observed delays in ascending order, and how many never ended: those stand above every observed one."""

    observed_ns: tuple[int, ...] = ()
    censored: int = 0

    def __add__(self, other: Delays) -> Delays:
        merged = tuple(heapq.merge(self.observed_ns, other.observed_ns))
        return Delays(merged, self.censored + other.censored)

    @classmethod
    def of(cls, delays_ns: list[int], censored: int = 0) -> Delays:
        """Delays in any order."""
        return cls(tuple(sorted(delays_ns)), censored)

    @property
    def count(self) -> int:
        return len(self.observed_ns) + self.censored


@dataclass(frozen=True, slots=True)
class Pace:
    """How punctually audio was sent: packets, how late the latest left, and audio time against schedule time."""

    packets: int = 0
    late: int = 0  # packets that left later than the lateness budget
    worst_ns: int = 0  # the latest packet's lateness
    audio_ns: int = 0  # audio time between the first and the last packet
    span_ns: int = 0  # wall time between them

    def __add__(self, other: Pace) -> Pace:
        return Pace(
            self.packets + other.packets,
            self.late + other.late,
            max(self.worst_ns, other.worst_ns),
            self.audio_ns + other.audio_ns,
            self.span_ns + other.span_ns,
        )

    @property
    def errors(self) -> int:
        return self.late

    @property
    def total(self) -> int:
        return self.packets

    @property
    def scale(self) -> int:
        return 1

    @property
    def rate(self) -> float | None:
        """Share of late packets."""
        return self.late / self.packets if self.packets else None

    @property
    def speed(self) -> float | None:
        """Audio time sent per wall time; 1 is real time."""
        return self.audio_ns / self.span_ns if self.span_ns else None

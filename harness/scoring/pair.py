"""One answer beside its truth: the seam between where answers come from (sessions, files) and the measures."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.measures.catalogue import MeasureValue
from harness.measures.normalisation.packs import PACKS, Normaliser
from harness.measures.speakers.diarisation import Dialect
from testsets.transcript import SpeakerTurn, Transcript


@dataclass(frozen=True, slots=True)
class Rules:
    """What a score depends on besides the answers."""

    normaliser: Normaliser = PACKS["basic"]
    dialect: Dialect = field(default_factory=Dialect)
    lateness_budget_ns: int = 50_000_000
    keywords: tuple[str, ...] = ()  # phrases to be found


@dataclass(frozen=True, slots=True)
class Pair:
    """What was said and what came back, as far as each is known; None where a side does not say."""

    id: str
    reference: Transcript | None
    hypothesis: Transcript | None
    turns: tuple[SpeakerTurn, ...] | None = None  # who spoke when, samples at ``rate``
    heard_turns: tuple[SpeakerTurn, ...] | None = None  # likewise, as recognised
    scored: tuple[tuple[int, int], ...] = ()  # where speakers are scored, samples at ``rate``
    rate: int = 16_000


@dataclass(slots=True)
class Taken:
    """Measures of one pair by name, and why others are missing."""

    measures: dict[str, MeasureValue] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, value: MeasureValue | None, why: str) -> None:
        """Keep a measure, or the reason for its absence."""
        if value is None:
            self.skipped[name] = why
        else:
            self.measures[name] = value

    def skip(self, names: tuple[str, ...], why: str) -> None:
        """Say that none of ``names`` could be taken."""
        self.skipped.update(dict.fromkeys(names, why))

    def merge(self, other: Taken) -> None:
        """Take over what another family of measures found."""
        self.measures.update(other.measures)
        self.skipped.update(other.skipped)

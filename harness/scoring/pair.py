"""One answer beside its truth: the seam between where answers come from (sessions, files) and the measures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from harness.measures.catalogue import MeasureValue
from harness.measures.meetings.errors import COLLAR_MS
from harness.measures.meetings.utterances import Utterance, of_words
from harness.measures.normalisation.packs import PACKS, Normaliser
from harness.measures.speakers.diarisation import Dialect
from testsets.transcript import SpeakerTurn, Transcript, Word

RATE = 16_000  # samples per second to which the seconds of foreign files are brought

WordSpan = tuple[str, int, int]  # class, first word, and one past the last, as positions in a transcript


@dataclass(frozen=True, slots=True)
class Rules:
    """What a score depends on besides the answers."""

    normaliser: Normaliser = PACKS["basic"]
    dialect: Dialect = field(default_factory=Dialect)
    lateness_budget_ns: int = 50_000_000
    keywords: tuple[str, ...] = ()  # phrases to be found
    vocabulary: frozenset[str] | None = None  # normalised words; reference words outside of it are scored apart
    alternatives: bool = False  # references are in sclite's notation: { a / b } and (optional)
    word_collar_ms: int = COLLAR_MS  # how far apart in time two words may be and still be the same

    def words_signature(self, measure: str = "wer") -> str:
        """What a word measure depends on."""
        notation = ["alternatives"] if self.alternatives else []
        chosen = [f"keywords#{_hash(self.keywords)}"] if self.keywords else []
        known = [] if self.vocabulary is None else [f"vocabulary#{_hash(sorted(self.vocabulary))}"]
        near = [self._collar] if measure == "tcwer" else []
        return ",".join([self.normaliser.signature, *notation, *chosen, *known, *near])

    @property
    def meetings_signature(self) -> str:
        """What measures of words and their speakers depend on."""
        return f"{self.normaliser.signature},{self._collar}"

    @property
    def _collar(self) -> str:
        return f"collar{self.word_collar_ms}ms"


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Pair:
    """What was said and what came back, as far as each is known; None where a side does not say."""

    id: str
    reference: Transcript | None
    hypothesis: Transcript | None
    turns: tuple[SpeakerTurn, ...] | None = None  # who spoke when, samples at ``rate``
    heard_turns: tuple[SpeakerTurn, ...] | None = None  # likewise, as recognised
    scored: tuple[tuple[int, int], ...] | None = None  # speakers are scored here, at ``rate``; None: by dialect
    rate: int = RATE
    said: tuple[Utterance, ...] | None = None  # who said what, samples at RATE; None where words name no speaker
    heard: tuple[Utterance, ...] | None = None
    spans: tuple[WordSpan, ...] = ()  # marked words of the reference


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


def spoken_by_name(transcript: Transcript) -> tuple[Utterance, ...] | None:
    """Who said what, at RATE; None where there are words and none names its speaker."""
    if transcript.words and not any(word.speaker for word in transcript.words):
        return None
    return of_words((word_at(word, transcript.rate) for word in transcript.words), RATE)


def word_at(word: Word, rate: int) -> Word:
    """A word of a transcript at ``rate``, with its times at RATE."""
    if rate == RATE or word.start is None or word.end is None:
        return word
    return replace(word, start=word.start * RATE // rate, end=word.end * RATE // rate)

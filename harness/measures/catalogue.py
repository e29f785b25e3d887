"""Every measure by its name: what it is called, in which unit it is read, and which value holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from harness.measures.counts import CharacterErrors, Delays, Pace, Share, SpeakerErrors, WordErrors

RatioValue = WordErrors | CharacterErrors | SpeakerErrors | Share | Pace
MeasureValue = RatioValue | Delays


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """One line of the catalogue."""

    name: str
    title: str
    unit: str  # "ratio" (shown in per cent) or "s" (held as integer nanoseconds, read in seconds)
    value: type[MeasureValue]
    meaning: str
    family: str  # what it belongs with in a table
    sliced: bool = True  # compared on every slice of the policy; False: only over all cases, unless a margin asks
    harm: bool = True  # more of it is worse; False where it only says that something changed

    @property
    def statistics(self) -> tuple[str, ...]:
        """What can be read off it: its rate, or its percentiles."""
        return ("p50", "p90", "p95", "p99") if self.value is Delays else ("rate",)


WORDS, SPEAKERS, TIME, DELIVERY = "Words", "Speakers", "Time", "Delivery"

_ENTRIES = (
    MeasureInfo("wer", "WER", "ratio", WordErrors, "word errors over reference words", WORDS),
    MeasureInfo("cer", "CER", "ratio", CharacterErrors, "character errors over reference characters", WORDS),
    MeasureInfo(
        "disagreement",
        "Disagreement",
        "ratio",
        WordErrors,
        "words that differ from the champion's, over its words",
        WORDS,
        harm=False,
    ),
    MeasureInfo("der", "DER", "ratio", SpeakerErrors, "misattributed speech over reference speech", SPEAKERS),
    MeasureInfo("final_latency", "Final latency", "s", Delays, "word spoken until its final arrives", TIME),
    MeasureInfo("partial_latency", "Partial latency", "s", Delays, "word spoken until it is first shown", TIME),
    MeasureInfo(
        "first_partial", "First words", "s", Delays, "start of the audio until any words arrive", TIME, sliced=False
    ),
    MeasureInfo("ack_lag", "Ack lag", "s", Delays, "audio sent until the recogniser confirms it", TIME, sliced=False),
    MeasureInfo("pace", "Late packets", "ratio", Pace, "audio packets that left later than the budget", DELIVERY),
)

CATALOGUE: Mapping[str, MeasureInfo] = MappingProxyType({entry.name: entry for entry in _ENTRIES})

FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(entry.family for entry in _ENTRIES))


def to_counts(measure: MeasureValue) -> dict[str, Any]:
    """The measure's counts by name, as JSON holds them."""
    return asdict(measure)


def from_counts(name: str, counts: Mapping[str, Any]) -> MeasureValue:
    """The measure called ``name`` from its counts."""
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in counts.items()}
    return CATALOGUE[name].value(**fields)

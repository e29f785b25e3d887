"""A policy: what "no worse" means, for which measures and slices, and how much evidence it takes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from harness.measures.catalogue import CATALOGUE
from harness.measures.meetings.errors import COLLAR_MS
from harness.measures.normalisation.packs import Normaliser, normaliser
from harness.measures.speakers.dialects import Dialect, dialect
from harness.results import ALL
from harness.scoring.pair import Rules
from harness.serial import to_dict

_STRICT = ConfigDict(extra="forbid", strict=False)

Share = Annotated[float, Field(ge=0, le=1)]
Chance = Annotated[float, Field(gt=0, lt=1)]
Severity = Literal["fail", "hold", "note"]


@dataclass(frozen=True, slots=True)
class Margin:
    """The largest tolerated worsening; of an absolute and a relative one the larger counts."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    absolute: Annotated[float, Field(ge=0)] | None = None  # of a ratio: 0.01 is one percentage point
    absolute_ms: Annotated[float, Field(ge=0)] | None = None  # of a delay
    relative: Annotated[float, Field(ge=0)] | None = None  # share of the champion's value
    slices: tuple[str, ...] | None = None  # gate only on these; None means on every gating slice
    when_missing: Literal["hold", "skip"] = "hold"  # where neither arm has the measure on any unit

    @property
    def rule(self) -> str:
        """In words."""
        parts = []
        if self.relative is not None:
            parts.append(f"{self.relative:.4g} relative")
        if self.absolute is not None:
            parts.append(f"{self.absolute:.4g} absolute")
        if self.absolute_ms is not None:
            parts.append(f"{self.absolute_ms:.4g} ms")
        return " or ".join(parts)


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least evidence for a comparison."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    clusters: Annotated[int, Field(ge=2)] = 8
    units: Annotated[int, Field(ge=2)] = 20


@dataclass(frozen=True, slots=True)
class PaceRule:
    """When audio counts as sent at the speed of speech."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    lateness_budget_ms: Annotated[float, Field(gt=0)] = 50.0  # a packet later than this is late
    late_share: Share = 0.01  # tolerated share of late packets
    speed_tolerance: Share = 0.05  # how far audio time per wall time may be from 1


@dataclass(frozen=True, slots=True)
class Findings:
    """What each kind of finding does to the verdict; ``note`` only shows it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    missing: Severity = "hold"
    duplicate: Severity = "hold"
    unknown: Severity = "hold"
    failed_candidate: Severity = "fail"  # a session that only the candidate failed
    failed: Severity = "hold"
    empty: Severity = "hold"  # more empty answers than the champion gives, beyond ``empty_share``
    empty_share: Share = 0.02
    pace: Severity = "hold"
    unequal: Severity = "hold"
    no_noise_floor: Severity = "note"


@dataclass(frozen=True, slots=True)
class Slices:
    """Which slices are looked at: "all", a tag (each of its values is a slice), or one "tag=value"."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    gating: tuple[str, ...] = (ALL,)
    diagnostic: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LooksRule:
    """When a growing run is looked at before its end, to stop early where the answer is certain."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    fractions: tuple[Chance, ...] = ()  # shares of the cases, ascending; none: only at the end
    spending: Literal["obrien-fleming", "pocock"] = "obrien-fleming"  # how alpha is shared out over the looks


@dataclass(frozen=True, slots=True)
class WordRule:
    """What word measures need to know besides the texts."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    keywords: tuple[str, ...] = ()  # phrases whose recall and precision are the measure "keywords"
    collar_ms: Annotated[int, Field(ge=0)] = COLLAR_MS  # of "tcpwer": how far apart one and the same word may be


@dataclass(frozen=True, slots=True)
class SpeakerRule:
    """By which tool's rules diarisation is scored."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    dialect: Literal["understudy", "nist", "dscore", "pyannote"] = "understudy"
    collar_ms: Annotated[int, Field(ge=0)] = 0
    skip_overlap: bool = False
    join_gap_ms: Annotated[int, Field(ge=0)] = 500


@dataclass(frozen=True, slots=True)
class Policy:
    """A gate policy."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    version: Literal[1]
    name: str
    margins: Mapping[str, Margin]  # "wer", "final_latency.p95", ...
    overrides: Mapping[str, Mapping[str, Margin]] = field(default_factory=dict)  # slice -> margins that differ there
    slices: Slices = Slices()
    alpha: Chance = 0.05
    power: Chance = 0.8
    resamples: Annotated[int, Field(ge=100)] = 10_000
    percentile_resamples: Annotated[int, Field(ge=100)] = 1_000
    seed: Annotated[int, Field(ge=0)] = 1
    normaliser: str = "english-1"
    minimum: Minimum = Minimum()
    pace: PaceRule = PaceRule()
    findings: Findings = Findings()
    words: WordRule = WordRule()
    speakers: SpeakerRule = SpeakerRule()
    looks: LooksRule = LooksRule()

    @property
    def digest(self) -> str:
        """SHA-256 of the effective policy."""
        return hashlib.sha256(json.dumps(to_dict(self), sort_keys=True).encode()).hexdigest()

    @property
    def pack(self) -> Normaliser:
        return normaliser(self.normaliser)

    @property
    def dialect(self) -> Dialect:
        rule = self.speakers
        return dialect(rule.dialect, rule.collar_ms, rule.skip_overlap, rule.join_gap_ms)

    @property
    def rules(self) -> Rules:
        """What the scores of a run depend on."""
        budget = round(self.pace.lateness_budget_ms * 1e6)
        words = self.words
        return Rules(self.pack, self.dialect, budget, keywords=words.keywords, word_collar_ms=words.collar_ms)

    def margin(self, slice_name: str, key: str) -> Margin | None:
        """The margin of a measure on a slice, or None where it does not gate there."""
        found = self.overrides.get(slice_name, {}).get(key, self.margins.get(key))
        if found is None or not _named(slice_name, self.slices.gating):
            return None
        return found if found.slices is None or _named(slice_name, found.slices) else None


def policy_keys() -> tuple[str, ...]:
    """What can have a margin: every statistic of every measure, "wer" or "final_latency.p95"."""
    return tuple(statistic_key(m.name, s) for m in CATALOGUE.values() if m.name != "pace" for s in m.statistics)


def statistic_key(measure: str, statistic: str) -> str:
    """How a policy calls a statistic of a measure."""
    return measure if statistic == "rate" else f"{measure}.{statistic}"


def _named(slice_name: str, names: Iterable[str]) -> bool:
    return any(slice_name == name or slice_name.startswith(f"{name}=") for name in names)

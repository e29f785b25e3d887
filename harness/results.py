"""The values a gate leaves behind; reports draw them, nothing else is needed to draw them.

All are frozen and serialisable (harness.serial). Rates are ratios (0.05 is 5 %), delays in a comparison are seconds;
rounding and wording are the reports' business. Undefined is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.measures.catalogue import MeasureValue

ALL = "all"  # the slice that holds every unit; other slices are called "tag=value"


class Arm(StrEnum):
    """The three that are run on the same cases; the champion twice, for the noise floor."""

    CHAMPION = "champion"
    CHAMPION_AGAIN = "champion_again"
    CANDIDATE = "candidate"


class Outcome(StrEnum):
    """What a comparison, a finding or a whole gate says."""

    PASS = "PASS"
    FAIL = "FAIL"
    HOLD = "HOLD"  # evidence missing or too weak; never a PASS


class Role(StrEnum):
    """Whether a comparison decides, or only informs."""

    GATING = "gating"
    DIAGNOSTIC = "diagnostic"


@dataclass(frozen=True, slots=True)
class UnitResult:
    """The measures of one case for one arm: sufficient statistics, never text."""

    arm: str
    case_id: str
    cluster: str
    tags: Mapping[str, str]
    measures: Mapping[str, MeasureValue]  # by name of the catalogue; a measure that is not here was skipped
    skipped: Mapping[str, str] = field(default_factory=dict)  # measure -> why it could not be taken
    failure: str | None = None  # why the session did not complete; its measures still count
    empty: bool = False  # no words came back although the reference has some


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval."""

    lower: float
    upper: float
    level: float  # e.g. 0.95


@dataclass(frozen=True, slots=True)
class MatchedTest:
    """A classical test of matched pairs beside a comparison; it shows, and never decides."""

    name: str  # "mapsswe" over segments, "sign" over clusters, "mcnemar" over cases wholly right
    p: float | None  # two-sided; None where there is too little to test
    pairs: int  # compared, ties included
    better: int  # in favour of the candidate
    worse: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Champion against candidate in one statistic of one measure on one slice, on the same units."""

    measure: str  # a name of the catalogue, e.g. "wer"
    statistic: str  # "rate", "p50", "p90", "p95", "p99"
    slice: str  # ALL or "tag=value"
    role: Role
    unit: str  # "ratio" or "s"
    champion: float | None
    candidate: float | None
    difference: float | None  # candidate - champion: above 0 is worse
    upper: float | None  # one-sided upper bound of the difference at 1 - alpha
    interval: Interval | None  # two-sided, of the difference
    champion_interval: Interval | None
    candidate_interval: Interval | None
    margin: float | None  # the largest tolerated difference, absolute; None where the policy sets none
    margin_rule: str | None  # as the policy says it, e.g. "5 % relative"
    mde: float | None  # smallest difference that this evidence detects with the policy's power
    noise: float | None  # A/A floor: the champion's difference with itself
    p_inferior: float | None  # of "no worse than the margin", before correction; small is good
    p_worse: float | None  # of "not worse than the champion", before correction; small is bad
    p_worse_adjusted: float | None  # after Holm (gating) or Benjamini-Hochberg (diagnostic)
    units: int  # scored on both sides
    clusters: int
    skipped: Mapping[str, int]  # why -> how many units
    failed: int  # units whose session failed on either side
    method: str  # how the bound was found
    outcome: Outcome
    superior: bool  # the candidate is better beyond doubt
    reason: str  # one sentence
    p_better: float | None = None  # of "not better than the champion", before correction; small is good
    p_better_adjusted: float | None = None  # after Holm (gating) or Benjamini-Hochberg (diagnostic)
    p_equivalent: float | None = None  # of "differs by the margin or more, either way" (two one-sided tests)
    equivalent: bool = False  # within the margin either way, beyond doubt
    matched: tuple[MatchedTest, ...] = ()  # secondary evidence, for word errors
    shared: float | None = None  # share of the champion's word errors that the candidate repeats


@dataclass(frozen=True, slots=True)
class SliceResult:
    """All comparisons of one slice."""

    name: str
    comparisons: tuple[Comparison, ...]

    @property
    def outcome(self) -> Outcome | None:
        """The worst gating outcome, or None where nothing gates."""
        found = {c.outcome for c in self.comparisons if c.role is Role.GATING}
        return next((o for o in (Outcome.FAIL, Outcome.HOLD, Outcome.PASS) if o in found), None)


@dataclass(frozen=True, slots=True)
class DiffOp:
    """One step of a word-level alignment; an insertion has no ``before``, a deletion no ``after``."""

    kind: str  # "equal", "substitute", "delete", "insert"
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """A place where champion and candidate differ beyond the noise floor."""

    case_id: str
    kind: str  # substitution, deletion, insertion, number, name, hallucination, empty, failure, latency
    arm: str  # which arm is worse there: "candidate" is a regression, "champion" an improvement
    severity: int  # how many more errors (words; milliseconds for latency)
    champion: str  # normalised text
    candidate: str
    reference: str | None
    champion_diff: tuple[DiffOp, ...]  # from the reference; empty where there is none
    candidate_diff: tuple[DiffOp, ...]  # from the reference, else from the champion
    start: int  # the clip that holds it, samples at ``rate``
    end: int
    rate: int
    audio: str  # path of the case's audio
    tags: Mapping[str, str]
    detail: str  # one line: what differs


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the evidence itself; it can only make a verdict worse."""

    kind: str  # missing, duplicate, unknown, failed, empty, pace, unequal, few
    outcome: Outcome  # FAIL or HOLD; PASS where it is only worth knowing
    arm: str | None
    case_ids: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says, about which pair, and why."""

    outcome: Outcome
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    champion_digest: str
    candidate_digest: str
    policy_digest: str
    signature: str


@dataclass(frozen=True, slots=True)
class ArmRecord:
    """Which recogniser stood in an arm, and under what conditions."""

    arm: str
    name: str  # as the user called it, e.g. "models:/reference@champion"
    digest: str
    config: Mapping[str, Any] = field(default_factory=dict)
    machine: str | None = None


@dataclass(frozen=True, slots=True)
class TestSetRecord:
    """Which cases were run."""

    __test__ = False  # not a pytest class

    name: str
    digest: str
    cases: int


@dataclass(frozen=True, slots=True)
class LookRecord:
    """One of several planned looks at growing evidence."""

    number: int  # from 1
    planned: int  # looks in all, the one over all the evidence included
    share: float  # of the cases, at this look
    alpha: float  # one-sided level at which this look judges


@dataclass(frozen=True, slots=True)
class RunRecord:
    """How a run came about: everything needed to do it again."""

    id: str
    created: str  # ISO 8601, UTC
    seed: int
    normaliser: str  # id and hash
    policy: Mapping[str, Any]  # the effective policy
    policy_digest: str
    arms: tuple[ArmRecord, ...]
    test_sets: tuple[TestSetRecord, ...]
    versions: Mapping[str, str]  # package -> version
    config: Mapping[str, Any] = field(default_factory=dict)
    duration_ns: int = 0
    look: LookRecord | None = None  # at which the run ended; None where no looks were taken


@dataclass(frozen=True, slots=True)
class RulesShare:
    """What one group of normalisation rules did: errors it took from each side, and words it rewrote there."""

    group: str  # e.g. "numbers"
    champion_saved: int
    candidate_saved: int
    champion_words: int
    candidate_words: int


@dataclass(frozen=True, slots=True)
class NormaliserShare:
    """What the normaliser itself contributes to the difference in word errors."""

    levels: tuple[tuple[str, float | None, float | None], ...]  # normaliser, WER of champion and candidate under it
    own: float | None  # the difference under the policy's normaliser less that under "basic"
    groups: tuple[RulesShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run without its event logs."""

    record: RunRecord
    units: tuple[UnitResult, ...]
    comparisons: tuple[Comparison, ...]
    edge_cases: tuple[EdgeCase, ...]
    verdict: Verdict
    normaliser: NormaliserShare | None = None  # None where no case has a reference

    @property
    def slices(self) -> tuple[SliceResult, ...]:
        """The comparisons by slice, in the order they were made."""
        names = dict.fromkeys(c.slice for c in self.comparisons)
        return tuple(SliceResult(n, tuple(c for c in self.comparisons if c.slice == n)) for n in names)

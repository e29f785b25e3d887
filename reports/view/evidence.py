"""Who stood against whom, on what, and what became of every case: scored, skipped, failed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from harness.measures.counts import Pace
from harness.results import ArmRecord, Finding, LookRecord, Outcome, Run, UnitResult
from reports.view.anchors import finding_anchor
from reports.wording import NONE, arm_title, count, duration, measure_title, milliseconds, percent, short

NAMED_CASES = 5  # of a finding; the rest is counted


@dataclass(frozen=True, slots=True)
class ArmView:
    """One arm: which recogniser, and how its sessions went."""

    key: str  # class in the style sheet
    title: str
    name: str
    digest: str
    full_digest: str
    config: str
    machine: str
    cases: str
    completed: str
    failed: str
    failures: tuple[str, ...]  # why, most frequent first
    empty: str
    pace: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something about the evidence itself."""

    anchor: str
    outcome: Outcome
    kind: str
    arm: str
    message: str
    cases: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Everything needed to judge, and to repeat, the run."""

    arms: tuple[ArmView, ...]
    test_sets: tuple[tuple[str, str, str], ...]  # name, cases, short digest
    skipped: tuple[str, ...]  # measure: how many units, why
    findings: tuple[FindingView, ...]
    fidelity: str  # how punctual the replay was over all arms; empty where nothing was replayed
    pressure: tuple[str, ...]  # for each arm that was sent audio: how it took it
    facts: tuple[tuple[str, str], ...]
    policy: str  # JSON
    versions: tuple[tuple[str, str], ...]
    config: str  # JSON; empty when there is none


def evidence_view(run: Run) -> EvidenceView:
    """What the run rests on."""
    record = run.record
    return EvidenceView(
        arms=tuple(_arm(arm, [u for u in run.units if u.arm == arm.arm]) for arm in record.arms),
        test_sets=tuple((t.name, count(t.cases, "case"), short(t.digest)) for t in record.test_sets),
        skipped=skipped(run.units),
        findings=tuple(_finding(i, f) for i, f in enumerate(run.verdict.findings)),
        fidelity=fidelity_text(record.config),
        pressure=pressure_texts(record.config),
        facts=_facts(run),
        policy=_json(record.policy),
        versions=tuple(sorted(record.versions.items())),
        config=_json(record.config) if record.config else "",
    )


def skipped(units: tuple[UnitResult, ...]) -> tuple[str, ...]:
    """Which measures could not be taken, how often and why; one line for each measure and reason."""
    cases: dict[tuple[str, str], set[str]] = {}
    for unit in units:
        for measure, why in unit.skipped.items():
            cases.setdefault((measure, why), set()).add(unit.case_id)
    by_reason: dict[tuple[str, int], list[str]] = {}
    for (measure, why), ids in cases.items():
        by_reason.setdefault((why, len(ids)), []).append(measure)
    lines = sorted(by_reason.items(), key=lambda item: -item[0][1])
    return tuple(
        f"{count(n, 'case')} without {', '.join(map(measure_title, names))}: {why}" for (why, n), names in lines
    )


def pace_text(units: list[UnitResult]) -> str:
    """How punctually an arm's audio was sent."""
    paces = [p for u in units if isinstance(p := u.measures.get("pace"), Pace)]
    total = reduce(add, paces, Pace())
    if not total.packets:
        return NONE
    speed = "" if total.speed is None else f", {total.speed:.3f}× real time"
    late = f"{total.late:,} of {count(total.packets, 'packet')} late ({percent(total.rate)})"
    return f"{late}, worst {milliseconds(total.worst_ns)}{speed}"


def fidelity_text(config: Mapping[str, Any]) -> str:
    """How late audio left over the whole replay, from what the run recorded under ``lateness``."""
    lateness = config.get("lateness")
    if not isinstance(lateness, Mapping) or not lateness.get("packets"):
        return ""
    named = (("p50", "p50_ns"), ("p99", "p99_ns"), ("worst", "max_ns"))
    parts = [f"{name} {milliseconds(lateness[key])}" for name, key in named if lateness.get(key) is not None]
    budget = lateness.get("budget_ns")
    if budget is not None:
        kept = "kept" if lateness.get("valid") else "broken"
        parts.append(f"budget {milliseconds(budget)} at p99 {kept}")
    return f"Lateness of {count(lateness['packets'], 'packet')} over all arms: {', '.join(parts)}"


def pressure_texts(config: Mapping[str, Any]) -> tuple[str, ...]:
    """How each arm took its audio, from what the run recorded under ``back_pressure``; a line an arm."""
    found = config.get("back_pressure")
    arms = found.items() if isinstance(found, Mapping) else ()
    return tuple(f"{arm_title(arm)} {_pressure(one)}" for arm, one in arms if one.get("packets"))


def _pressure(found: Mapping[str, Any]) -> str:
    parts = [f"took {count(found['packets'], 'packet')} without delay"]
    if found.get("held"):
        held = f"held back {found['held']:,} of {count(found['packets'], 'packet')}"
        parts = [f"{held}, the longest for {milliseconds(found['held_max_ns'])}"]
    if found.get("ack_p99_ns") is not None:
        parts.append(f"confirmed them within {milliseconds(found['ack_p99_ns'])} at p99")
    return ", ".join(parts)


def _arm(arm: ArmRecord, units: list[UnitResult]) -> ArmView:
    failures = Counter(u.failure for u in units if u.failure is not None)
    failed = sum(failures.values())
    return ArmView(
        key=arm.arm,
        title=arm_title(arm.arm),
        name=arm.name,
        digest=short(arm.digest),
        full_digest=arm.digest,
        config=", ".join(f"{key} {_plain(value)}" for key, value in sorted(arm.config.items())) or NONE,
        machine=arm.machine or NONE,
        cases=f"{len(units):,}",
        completed=f"{len(units) - failed:,}",
        failed=f"{failed:,}",
        failures=tuple(f"{n:,} × {why}" for why, n in failures.most_common(NAMED_CASES)),
        empty=f"{sum(u.empty for u in units):,}",
        pace=pace_text(units),
    )


def _finding(index: int, f: Finding) -> FindingView:
    named = ", ".join(f.case_ids[:NAMED_CASES])
    more = len(f.case_ids) - NAMED_CASES
    return FindingView(
        anchor=finding_anchor(index),
        outcome=f.outcome,
        kind=f.kind,
        arm=arm_title(f.arm) if f.arm else "",
        message=f.message,
        cases=f"{named} and {more:,} more" if more > 0 else named,
    )


def _facts(run: Run) -> tuple[tuple[str, str], ...]:
    record, verdict = run.record, run.verdict
    return (
        ("run", record.id),
        ("made", record.created),
        ("took", duration(record.duration_ns) if record.duration_ns else NONE),
        ("seed", str(record.seed)),
        ("normaliser", record.normaliser),
        ("policy", short(record.policy_digest)),
        ("champion", verdict.champion_digest),
        ("candidate", verdict.candidate_digest),
        ("signature", verdict.signature),
        *([("look", look_text(record.look))] if record.look is not None else []),
    )


def look_text(look: LookRecord) -> str:
    """Where a replay that looked at the growing evidence ended."""
    return f"{look.number} of {look.planned}, at {percent(look.share)} of the cases, level {look.alpha:.2g}"


def _json(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, indent=2, ensure_ascii=False, default=str)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)

"""What is wrong with the evidence itself. A finding can only make a verdict worse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harness.gate.policy import Findings, PaceRule, Policy, Severity
from harness.measures.counts import Pace
from harness.results import Arm, ArmRecord, Finding, Outcome, UnitResult
from testsets.case import Case
from testsets.events import EventLog

_OUTCOME: Mapping[Severity, Outcome] = {"fail": Outcome.FAIL, "hold": Outcome.HOLD, "note": Outcome.PASS}


def check_integrity(
    cases: Sequence[Case],
    logs: Mapping[str, Sequence[EventLog]],
    units: Sequence[UnitResult],
    arms: Sequence[ArmRecord],
    policy: Policy,
) -> tuple[Finding, ...]:
    """All findings, arms in order.

    Args:
        cases: what was to be recognised.
        logs: arm -> logs.
        units: the scored logs.
        arms: what stood in each arm.
        policy: what each kind of finding does to the verdict.
    """
    rule = policy.findings
    found: list[Finding] = []
    if duplicates := _repeated(case.id for case in cases):
        found.append(
            _finding(
                "duplicate",
                rule.duplicate,
                None,
                duplicates,
                "ids are shared by several cases",
                "id is shared by several cases",
            )
        )
    for arm in (Arm.CHAMPION, Arm.CANDIDATE, Arm.CHAMPION_AGAIN):
        if arm in logs:
            found += _arm(arm, cases, logs[arm], rule)
    for arm in (Arm.CHAMPION, Arm.CANDIDATE):
        if arm not in logs:
            found.append(_finding("missing", rule.missing, arm, [], "the arm was not run"))
    if Arm.CHAMPION_AGAIN not in logs:
        message = "the champion was not run twice, so there is no noise floor"
        found.append(_finding("no_noise_floor", rule.no_noise_floor, Arm.CHAMPION_AGAIN, [], message))
    found += _failures(units, rule)
    found += _empties(units, rule)
    found += _paces(units, policy.pace, rule)
    found += _inequality(arms, rule)
    return tuple(found)


def _finding(
    kind: str, severity: Severity, arm: str | None, ids: Iterable[str], message: str, alone: str | None = None
) -> Finding:
    """A finding about some cases, or about none in particular; ``alone`` is what is said of exactly one."""
    case_ids = tuple(ids)
    told = alone if len(case_ids) == 1 and alone is not None else message
    return Finding(kind, _OUTCOME[severity], arm, case_ids, f"{len(case_ids)} {told}" if case_ids else message)


def _repeated(ids: Iterable[str]) -> list[str]:
    return [case_id for case_id, times in Counter(ids).items() if times > 1]


def _arm(arm: str, cases: Sequence[Case], logs: Sequence[EventLog], rule: Findings) -> list[Finding]:
    wanted, got = {case.id for case in cases}, {log.case_id for log in logs}
    repeated = _repeated(log.case_id for log in logs)
    checks = (
        ("missing", rule.missing, [c.id for c in cases if c.id not in got], "cases have", "case has", "no answer"),
        ("duplicate", rule.duplicate, repeated, "cases were", "case was", "answered more than once"),
        ("unknown", rule.unknown, sorted(got - wanted), "answers belong", "answer belongs", "to no case"),
    )
    return [
        _finding(kind, severity, arm, ids, f"{many} {what}", f"{one} {what}")
        for kind, severity, ids, many, one, what in checks
        if ids
    ]


def _failures(units: Sequence[UnitResult], rule: Findings) -> list[Finding]:
    failed = {arm: [u for u in units if u.arm == arm and u.failure is not None] for arm in Arm}
    champion = {u.case_id for u in failed[Arm.CHAMPION]}
    found = []
    for arm, broken in failed.items():
        alone = [u for u in broken if arm is Arm.CANDIDATE and u.case_id not in champion]
        shared = [u for u in broken if u not in alone]
        for severity, group, note in (
            (rule.failed_candidate, alone, ", the champion's did not"),
            (rule.failed, shared, ""),
        ):
            if group:
                what = f"failed{note}; the first: {group[0].case_id}: {group[0].failure}"
                ids = [u.case_id for u in group]
                found.append(_finding("failed", severity, arm, ids, f"sessions {what}", f"session {what}"))
    return found


def _empties(units: Sequence[UnitResult], rule: Findings) -> list[Finding]:
    by_arm = {arm: [u for u in units if u.arm == arm] for arm in (Arm.CHAMPION, Arm.CANDIDATE)}
    usual = sum(u.empty for u in by_arm[Arm.CHAMPION])
    found = []
    for arm, scored in by_arm.items():
        ids = [u.case_id for u in scored if u.empty]
        if ids:
            many = arm is Arm.CANDIDATE and len(ids) - usual > rule.empty_share * len(scored)
            what = "empty although something was said"
            severity = rule.empty if many else "note"
            found.append(_finding("empty", severity, arm, ids, f"answers are {what}", f"answer is {what}"))
    return found


def _paces(units: Sequence[UnitResult], pace: PaceRule, rule: Findings) -> list[Finding]:
    found = []
    for arm in Arm:
        total = Pace()
        for unit in units:
            if unit.arm == arm and isinstance(measured := unit.measures.get("pace"), Pace):
                total = total + measured
        if total.rate is not None and total.rate > pace.late_share:
            message = (
                f"{total.rate:.1%} of the audio left more than {pace.lateness_budget_ms:g} ms late "
                f"(worst {total.worst_ns / 1e6:.0f} ms); the machine was too busy: run fewer sessions at once"
            )
            found.append(_finding("pace", rule.pace, arm, [], message))
        if total.speed is not None and abs(total.speed - 1) > pace.speed_tolerance:
            message = f"audio was sent at {total.speed:.2f} times the speed of speech; delays mean nothing then"
            found.append(_finding("pace", rule.pace, arm, [], message))
    return found


def _inequality(arms: Sequence[ArmRecord], rule: Findings) -> list[Finding]:
    by_arm = {record.arm: record for record in arms}
    champion = by_arm.get(Arm.CHAMPION)
    found = []
    for record in arms:
        if champion is None or record is champion:
            continue
        if dict(record.config) != dict(champion.config):
            keys = sorted(
                k for k in {*record.config, *champion.config} if record.config.get(k) != champion.config.get(k)
            )
            message = f"was configured unlike the champion: {', '.join(keys)}"
            found.append(_finding("unequal", rule.unequal, record.arm, [], message))
        if None not in (record.machine, champion.machine) and record.machine != champion.machine:
            message = f"ran on {record.machine}, the champion on {champion.machine}"
            found.append(_finding("unequal", rule.unequal, record.arm, [], message))
    again = by_arm.get(Arm.CHAMPION_AGAIN)
    if champion and again and champion.digest != again.digest:
        message = "is not the champion: the digests differ"
        found.append(_finding("unequal", rule.unequal, Arm.CHAMPION_AGAIN, [], message))
    return found

"""Bad evidence: each kind is found, named, and can only make a verdict worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.gate.integrity import check_integrity
from harness.gate.policy_file import default_policy
from harness.results import Arm, ArmRecord, Finding, Outcome
from harness.scoring.cases import score_logs
from harness.scoring.pair import Rules
from testsets.case import Case
from testsets.events import EventLog

Logs = dict[str, list[EventLog]]


def findings(world: Any, change: Callable[[list[Case], Logs], None], arms: tuple[ArmRecord, ...] = ()) -> list[Finding]:
    cases = world.cases(clusters=3, each=4)
    logs: Logs = {arm: world.answers(cases, 1) for arm in Arm}
    change(cases, logs)
    units = score_logs(cases, logs, Rules())
    return list(check_integrity(cases, logs, units, arms, default_policy()))


def test_clean_evidence_has_no_findings(world: Any) -> None:
    assert findings(world, lambda cases, logs: None) == []


def missing(cases: list[Case], logs: Logs) -> None:
    del logs[Arm.CANDIDATE][0]


def duplicate(cases: list[Case], logs: Logs) -> None:
    logs[Arm.CANDIDATE].append(logs[Arm.CANDIDATE][0])


def unknown(cases: list[Case], logs: Logs) -> None:
    logs[Arm.CANDIDATE].append(replace(logs[Arm.CANDIDATE][0], case_id="who"))


def twice(cases: list[Case], logs: Logs) -> None:
    cases.append(cases[0])


def absent(cases: list[Case], logs: Logs) -> None:
    del logs[Arm.CANDIDATE]


def broken(cases: list[Case], logs: Logs) -> None:
    logs[Arm.CANDIDATE][0] = replace(logs[Arm.CANDIDATE][0], failure="closed")


def both_broken(cases: list[Case], logs: Logs) -> None:
    for arm in (Arm.CHAMPION, Arm.CANDIDATE):
        logs[arm][0] = replace(logs[arm][0], failure="closed")


def empty(cases: list[Case], logs: Logs) -> None:
    first = logs[Arm.CANDIDATE][0]
    logs[Arm.CANDIDATE][0] = replace(first, events=tuple(replace(e, words=()) for e in first.events))


def late(cases: list[Case], logs: Logs) -> None:
    for i, log in enumerate(logs[Arm.CHAMPION]):
        events = tuple(e if e.due_ns is None else replace(e, due_ns=e.due_ns - 80_000_000) for e in log.events)
        logs[Arm.CHAMPION][i] = replace(log, events=events)


def fast(cases: list[Case], logs: Logs) -> None:
    for i, log in enumerate(logs[Arm.CANDIDATE]):
        events = tuple(replace(e, wall_ns=e.wall_ns // 2) for e in log.events)
        logs[Arm.CANDIDATE][i] = replace(log, events=events)


def once(cases: list[Case], logs: Logs) -> None:
    del logs[Arm.CHAMPION_AGAIN]


@pytest.mark.parametrize(
    ("change", "kind", "outcome", "message"),
    [
        (missing, "missing", Outcome.HOLD, "1 case has no answer"),
        (duplicate, "duplicate", Outcome.HOLD, "1 case was answered more than once"),
        (unknown, "unknown", Outcome.HOLD, "1 answer belongs to no case"),
        (twice, "duplicate", Outcome.HOLD, "1 id is shared by several cases"),
        (absent, "missing", Outcome.HOLD, "the arm was not run"),
        (broken, "failed", Outcome.FAIL, "1 session failed, the champion's did not; the first: s0-0: closed"),
        (empty, "empty", Outcome.HOLD, "1 answer is empty although something was said"),
        (late, "pace", Outcome.HOLD, "100.0% of the audio left more than 50 ms late"),
        (fast, "pace", Outcome.HOLD, "2.00 times the speed of speech"),
        (once, "no_noise_floor", Outcome.PASS, "no noise floor"),
    ],
)
def test_each_defect_is_one_finding(
    world: Any, change: Callable[[list[Case], Logs], None], kind: str, outcome: Outcome, message: str
) -> None:
    (found,) = findings(world, change)
    assert (found.kind, found.outcome) == (kind, outcome)
    assert message in found.message


def test_a_session_that_both_failed_is_no_regression(world: Any) -> None:
    assert [f.outcome for f in findings(world, both_broken)] == [Outcome.HOLD, Outcome.HOLD]


def test_unequal_arms(world: Any) -> None:
    arms = (
        ArmRecord(Arm.CHAMPION, "one", "d1", {"language": "en", "max_delay": 1}, machine="a"),
        ArmRecord(Arm.CHAMPION_AGAIN, "one", "d9", {"language": "en", "max_delay": 1}, machine="a"),
        ArmRecord(Arm.CANDIDATE, "two", "d2", {"language": "en", "max_delay": 2}, machine="b"),
    )
    messages = [f.message for f in findings(world, lambda c, x: None, arms)]
    assert messages == [
        "was configured unlike the champion: max_delay",
        "ran on b, the champion on a",
        "is not the champion: the digests differ",
    ]

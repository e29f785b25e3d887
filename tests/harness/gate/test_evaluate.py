"""The gate as a whole on made logs: equal passes, better passes, worse fails, weak holds, bad evidence never passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.gate.evaluate import evaluate, run_signature
from harness.gate.policy import Policy
from harness.gate.policy_file import parse_policy
from harness.results import ALL, Arm, Comparison, Outcome, Role, Run
from harness.run_folder import read_run, write_results
from testsets.case import Case
from testsets.events import EventLog

POLICY = """
version = 1
name = "test"
resamples = 400
percentile_resamples = 100
normaliser = "basic"
[margins]
wer = { absolute = 0.04 }
"final_latency.p95" = { absolute_ms = 60 }
[slices]
gating = ["all", "condition"]
"""


def policy(text: str = "") -> Policy:
    return parse_policy(POLICY + text, "gate.toml")


def run(
    world: Any, candidate: list[EventLog], cases: list[Case], rules: Policy | None = None, **arms: list[EventLog]
) -> Run:
    logs = {Arm.CHAMPION: world.answers(cases, 1), Arm.CHAMPION_AGAIN: world.answers(cases, 1)} | arms
    record = world.record(champion="d1", champion_again="d1", candidate="d2")
    rules = rules or policy()
    return evaluate(cases, logs | {Arm.CANDIDATE: candidate}, rules, record, np.random.default_rng(rules.seed))


def the(found: Run, measure: str, slice_name: str = ALL, statistic: str = "rate") -> Comparison:
    return next(c for c in found.comparisons if (c.measure, c.slice, c.statistic) == (measure, slice_name, statistic))


def test_an_equal_candidate_passes(world: Any) -> None:
    cases = world.cases()
    found = run(world, world.answers(cases, 1), cases)
    assert found.verdict.outcome is Outcome.PASS
    assert found.verdict.champion_digest == "d1"
    assert found.verdict.candidate_digest == "d2"
    assert the(found, "wer").difference == 0
    assert the(found, "disagreement").candidate == 0
    assert found.edge_cases == ()
    assert {c.slice for c in found.comparisons} == {ALL, "condition=clean", "condition=noisy"}


def test_a_better_candidate_passes_and_is_called_superior(world: Any) -> None:
    cases = world.cases()
    found = run(world, world.answers(cases, 2, error_rate=0.02), cases)
    assert found.verdict.outcome is Outcome.PASS
    assert the(found, "wer").superior
    improvements = sum(edge.arm == Arm.CHAMPION for edge in found.edge_cases)
    assert the(found, "disagreement").outcome is Outcome.PASS  # to differ is not to be worse
    assert improvements > 3 * (len(found.edge_cases) - improvements)


def test_an_equal_candidate_is_called_equivalent_and_not_better(world: Any) -> None:
    cases = world.cases()
    wer = the(run(world, world.answers(cases, 1), cases), "wer")
    assert (wer.equivalent, wer.superior, wer.p_equivalent) == (True, False, 0.0)


def test_matched_tests_stand_beside_word_errors_and_decide_nothing(world: Any) -> None:
    cases = world.cases()
    found = run(world, world.answers(cases, 2, error_rate=0.3), cases)
    tests = {test.name: test for test in the(found, "wer").matched}
    assert set(tests) == {"mapsswe", "sign", "mcnemar"}
    assert tests["sign"].pairs == the(found, "wer").clusters
    assert tests["mcnemar"].pairs == len(cases)
    for test in tests.values():
        assert test.worse > test.better
        assert test.p is not None
        assert test.p < 0.01
    assert the(found, "disagreement").matched == ()


def test_a_worse_candidate_fails_with_the_reason_first(world: Any) -> None:
    cases = world.cases()
    found = run(world, world.answers(cases, 2, error_rate=0.3), cases)
    assert found.verdict.outcome is Outcome.FAIL
    assert "wer on all" in found.verdict.reasons[0]
    assert the(found, "wer").outcome is Outcome.FAIL
    assert found.edge_cases[0].arm == Arm.CANDIDATE


def test_one_slice_that_gets_worse_is_enough(world: Any) -> None:
    cases = world.cases()
    good, bad = world.answers(cases, 1), world.answers(cases, 2, error_rate=0.4)
    mixed = [b if c.tags["condition"] == "noisy" else g for c, g, b in zip(cases, good, bad, strict=True)]
    found = run(world, mixed, cases)
    assert found.verdict.outcome is Outcome.FAIL
    assert the(found, "wer", "condition=clean").outcome is Outcome.PASS
    assert the(found, "wer", "condition=noisy").outcome is Outcome.FAIL


def test_a_slower_candidate_fails_on_latency_alone(world: Any) -> None:
    cases = world.cases()
    found = run(world, world.answers(cases, 1, delay_ms=900), cases)
    slow = the(found, "final_latency", statistic="p95")
    assert (slow.outcome, slow.unit) == (Outcome.FAIL, "s")
    assert slow.difference == pytest.approx(0.5, abs=0.05)
    assert the(found, "wer").outcome is Outcome.PASS
    assert {edge.kind for edge in found.edge_cases} == {"latency"}


def test_too_few_clusters_hold(world: Any) -> None:
    cases = world.cases(clusters=4)
    found = run(world, world.answers(cases, 1), cases)
    assert found.verdict.outcome is Outcome.HOLD
    assert "only 4 clusters; the policy needs 8" in found.verdict.reasons[0]
    one = run(world, world.answers(world.cases(clusters=1), 1), world.cases(clusters=1))
    assert "only 1 cluster; the policy needs 8" in one.verdict.reasons[0]


def test_weak_evidence_holds_and_names_what_it_could_tell(world: Any) -> None:
    cases = world.cases(clusters=8, each=3)
    tight = policy("[overrides.all]\nwer = { absolute = 0.001 }\n")
    found = run(world, world.answers(cases, 2), cases, tight)
    assert the(found, "wer").outcome is Outcome.HOLD
    assert "this evidence can tell" in the(found, "wer").reason


def test_a_champion_that_differs_from_itself_beyond_the_margin_holds(world: Any) -> None:
    cases = world.cases()
    found = run(world, world.answers(cases, 1), cases, champion_again=world.answers(cases, 3, error_rate=0.3))
    assert the(found, "wer").outcome is Outcome.HOLD
    assert "differs from itself" in the(found, "wer").reason


def test_a_relative_margin_is_held_against_the_champions_rate(world: Any) -> None:
    cases = world.cases()
    rules = policy("[overrides.all]\nwer = { relative = 0.5, absolute = 0.001 }\n")
    found = the(run(world, world.answers(cases, 2), cases, rules), "wer")
    assert found.champion is not None
    assert found.margin is not None
    assert found.margin == pytest.approx(0.5 * found.champion)
    assert found.margin_rule == "0.5 relative or 0.001 absolute"
    assert found.upper is not None
    assert (found.outcome is Outcome.PASS) == (found.upper <= found.margin)


def test_without_references_there_is_no_wer_and_no_pass(world: Any) -> None:
    cases = [replace(case, reference=None) for case in world.cases()]
    with_reference = world.cases()
    logs = {str(arm): world.answers(with_reference, 1) for arm in Arm}
    rules = policy()
    record = world.record(champion="d1", champion_again="d1", candidate="d2")
    found = evaluate(cases, logs, rules, record, np.random.default_rng(1))
    assert found.verdict.outcome is Outcome.HOLD
    assert the(found, "wer").skipped == {"no reference": 48}
    assert the(found, "disagreement").role is Role.DIAGNOSTIC


def test_a_candidate_without_word_times_cannot_escape_the_latency_margin(world: Any) -> None:
    cases = world.cases()
    optional = policy('[overrides.all]\n"final_latency.p95" = { absolute_ms = 60, when_missing = "skip" }\n')
    silent = [replace(log, events=tuple(e for e in log.events if e.due_ns is None)) for log in world.answers(cases, 1)]
    found = run(world, silent, cases, optional)
    assert the(found, "final_latency", statistic="p95").outcome is Outcome.HOLD
    assert found.verdict.outcome is Outcome.HOLD


def test_words_never_finalised_fail_a_percentile_without_end(world: Any) -> None:
    cases = world.cases()
    broken = [
        replace(log, events=log.events[: len(log.events) // 2], failure="closed in mid-stream")
        for log in world.answers(cases, 1)
    ]
    found = run(world, broken, cases)
    assert the(found, "final_latency", statistic="p95").outcome is Outcome.FAIL
    assert "has no end" in the(found, "final_latency", statistic="p95").reason
    assert "48 sessions failed, the champion's did not" in found.verdict.reasons[0]


def test_the_same_seed_gives_the_same_run_and_the_folder_gives_it_back(world: Any, tmp_path: Path) -> None:
    cases = world.cases()
    first, second = (run(world, world.answers(cases, 2), cases) for _ in range(2))
    assert first == second
    write_results(tmp_path, first)
    assert read_run(tmp_path) == first


def test_adding_a_slice_moves_no_other_number(world: Any) -> None:
    cases = world.cases(clusters=24, each=4)
    more = parse_policy(POLICY.replace('["all", "condition"]', '["condition", "all"]'), "gate.toml")
    one, two = (run(world, world.answers(cases, 2), cases, rules) for rules in (policy(), more))
    assert the(one, "wer").upper == the(two, "wer").upper
    assert "bootstrap-t" in the(one, "wer").method


def test_the_signature_names_what_the_gating_measures_depend_on(world: Any) -> None:
    record = world.record(champion="d1")
    assert "speakers:" not in run_signature(record, policy(), 5)
    more = policy("[overrides.all]\n[speakers]\ndialect = 'nist'\n")
    with_speakers = parse_policy(
        POLICY.replace("[slices]", "der = { absolute = 0.1 }\ncpwer = { absolute = 0.1 }\n[slices]"), "p"
    )
    assert "|words:collar5000ms|speakers:understudy,map-after-collar" in run_signature(record, with_speakers, 5)
    assert run_signature(record, more, 5) == run_signature(record, policy(), 5)

"""Looks: an early answer is right, the promise about wrong ones holds, and a run says at which look it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.gate.evaluate import evaluate
from harness.gate.policy import Policy
from harness.gate.policy_file import parse_policy
from harness.gate.sequential import Decision, batches, decide_look, planned_looks
from harness.measures.counts import WordErrors
from harness.results import Arm, UnitResult

POLICY = """
version = 1
name = "looks"
resamples = 200
percentile_resamples = 100
normaliser = "basic"
[margins]
wer = { relative = 0.20 }
[looks]
fractions = [0.25, 0.5, 0.75]
"""


def policy(text: str = "") -> Policy:
    return parse_policy(POLICY + text, "gate.toml")


def units(rng: np.random.Generator, factor: float, spread: float, clusters: int = 16) -> list[list[UnitResult]]:
    """Cases in random order, each with the units of both arms; the candidate errs ``factor`` times as often."""
    found = []
    for cluster in range(clusters):
        rate = rng.beta(5, 45)
        other = min(max(rate * factor * (1 + spread * rng.standard_normal()), 0.0), 0.9)
        common = min(rate, other) * 0.7
        for i in range(8):
            shared = rng.binomial(80, common)
            pair = []
            for arm, each in ((Arm.CHAMPION, rate), (Arm.CANDIDATE, other)):
                errors = shared + rng.binomial(80 - shared, (each - common) / (1 - common))
                measures = {"wer": WordErrors(int(errors), reference=80)}
                pair.append(UnitResult(arm, f"{cluster}-{i}", str(cluster), {}, measures))
            found.append(pair)
    return [found[place] for place in rng.permutation(len(found))]


def replayed(found: list[list[UnitResult]], rules: Policy, rng: np.random.Generator) -> tuple[Decision, float]:
    """The answer, and the share of the cases that were asked for it."""
    for look in planned_looks(rules):
        asked = found[: round(look.share * len(found))]
        decision = decide_look([unit for pair in asked for unit in pair], rules, look, rng)
        if decision is not Decision.CONTINUE:
            return decision, look.share
    return Decision.CONTINUE, 1.0


def answers(factor: float, spread: float, trials: int) -> tuple[dict[Decision, float], float]:
    """Shares of the answers, and the mean share of the cases asked."""
    rng, rules = np.random.default_rng(6), policy()
    found = [replayed(units(rng, factor, spread), rules, rng) for _ in range(trials)]
    shares = {decision: sum(d is decision for d, _ in found) / trials for decision in Decision}
    return shares, sum(share for _, share in found) / trials


def bound(trials: int) -> float:
    return 0.05 + 3 * float(np.sqrt(0.05 * 0.95 / trials))


def test_looks_share_one_alpha_and_are_strict_early() -> None:
    looks = planned_looks(policy())
    assert [(look.number, look.planned, look.share) for look in looks] == [
        (1, 4, 0.25),
        (2, 4, 0.5),
        (3, 4, 0.75),
        (4, 4, 1),
    ]
    levels = [look.alpha for look in looks]
    assert levels == sorted(levels)
    assert levels[0] < 0.001
    assert 0.03 < levels[-1] < 0.05
    assert planned_looks(parse_policy(POLICY.partition("[looks]")[0], "p")) == ()


def test_batches_hold_every_case_once() -> None:
    cases: list[Any] = [f"c{i}" for i in range(30)]
    found = batches(cases, policy(), np.random.default_rng(1))
    assert [len(batch) for batch in found] == [8, 7, 7, 8]
    assert sorted(case for batch in found for case in batch) == sorted(cases)
    assert found[0] != cases[:8]
    assert batches(cases, parse_policy(POLICY.partition("[looks]")[0], "p"), np.random.default_rng(1)) == [cases]
    assert [len(batch) for batch in batches(cases[:1], policy(), np.random.default_rng(1))] == [0, 0, 1, 0]


def test_clear_cases_stop_early() -> None:
    better, asked = answers(0.7, 0.1, 10)
    assert better == {Decision.PASS: 1, Decision.FAIL: 0, Decision.CONTINUE: 0}
    assert asked <= 0.6
    worse, asked = answers(2.0, 0.1, 10)
    assert worse == {Decision.PASS: 0, Decision.FAIL: 1, Decision.CONTINUE: 0}
    assert asked <= 0.6


def test_too_few_clusters_go_on() -> None:
    found = units(np.random.default_rng(2), 0.5, 0.0, clusters=4)
    assert replayed(found, policy(), np.random.default_rng(2)) == (Decision.CONTINUE, 1.0)


def test_a_run_that_stopped_is_judged_at_its_look(world: Any) -> None:
    cases = world.cases(clusters=8, each=3)
    logs = {str(arm): world.answers(cases, 2 if arm == Arm.CANDIDATE else 1) for arm in Arm}
    rules, record = policy(), world.record(champion="d1", champion_again="d1", candidate="d2")
    look = planned_looks(rules)[1]
    whole, early = (
        evaluate(cases, logs, rules, r, np.random.default_rng(1)) for r in (record, replace(record, look=look))
    )
    assert early.verdict.signature == f"{whole.verdict.signature}|look:2/4"
    assert (early.comparisons[0].upper or 0.0) > (whole.comparisons[0].upper or 0.0)


def test_the_promise_holds_over_all_looks() -> None:
    trials = 120
    found, _ = answers(1.2, 0.2, trials)
    assert found[Decision.PASS] <= bound(trials)


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_the_promise_holds_over_all_looks_widely(spread: float) -> None:
    trials = 1_500
    at_margin, _ = answers(1.2, spread, trials)
    assert at_margin[Decision.PASS] <= bound(trials)
    equal, _ = answers(1.0, spread, trials)
    assert equal[Decision.FAIL] <= bound(trials)

"""Every policy that the documentation shows is one that the program reads."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from harness.gate.compare import compare
from harness.gate.decide import decide
from harness.gate.policy import (
    Findings,
    LooksRule,
    Margin,
    Minimum,
    PaceRule,
    Policy,
    Slices,
    SpeakerRule,
    WordRule,
    policy_keys,
)
from harness.gate.policy_file import parse_policy
from harness.measures.counts import Delays, WordErrors
from harness.results import Arm, Outcome, UnitResult

DELAYS = ("final_latency", "partial_latency")
PAGE = Path(__file__).resolve().parents[3] / "docs" / "policy.md"
POLICIES = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("text", POLICIES)
def test_a_documented_policy_is_read(text: str) -> None:
    assert parse_policy(text, "policy.md").margins


def test_every_measure_that_can_have_a_margin_is_listed() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", PAGE.read_text(encoding="utf-8")))
    assert {key.partition(".")[0] for key in policy_keys()} <= listed


def test_there_are_four() -> None:
    assert len(POLICIES) == 4


def test_every_key_of_a_policy_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    tables = [Policy, Margin, Minimum, Findings, PaceRule, WordRule, SpeakerRule, LooksRule, Slices]
    keys = {field.name for table in tables for field in fields(table)}
    assert [key for key in sorted(keys) if not re.search(rf"`{key}`|`\[{key}\]`|^{key} = |^\[{key}", text, re.M)] == []


def units(worse: int) -> list[UnitResult]:
    """48 speakers of all tags, 10 cases of 40 words each; the candidate makes ``worse`` more errors in each case."""
    rng, found = np.random.default_rng(1), []
    for speaker in range(48):
        tags = {tag: f"{tag}-{speaker % 2}" for tag in ("accent", "age_group", "gender", "condition", "content")}
        for i in range(10):
            errors = int(rng.binomial(40, 0.1))
            delays = Delays.of([int(x) for x in rng.normal(4e8, 3e7, 40)])
            for arm in Arm:
                more = worse if arm is Arm.CANDIDATE else 0
                measures = {"wer": WordErrors(errors + more, reference=40)} | dict.fromkeys(DELAYS, delays)
                found.append(UnitResult(arm, f"{speaker}-{i}", str(speaker), tags, measures))
    return found


@pytest.mark.parametrize("text", POLICIES[1:])
@pytest.mark.parametrize(("worse", "outcome"), [(0, Outcome.PASS), (6, Outcome.FAIL)])
def test_a_worked_policy_passes_an_equal_candidate_and_fails_a_worse_one(
    text: str, worse: int, outcome: Outcome
) -> None:
    policy = replace(parse_policy(text, "policy.md"), resamples=200, percentile_resamples=100)
    comparisons = compare(units(worse), policy, np.random.default_rng(1))
    verdict = decide(comparisons, (), champion_digest="", candidate_digest="", policy_digest="", signature="")
    assert verdict.outcome is outcome

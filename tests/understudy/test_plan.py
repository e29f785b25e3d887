"""`understudy plan`: from rates, from a run, its JSON and its curve; mistakes are told in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from harness import run_folder
from harness.gate.compare import compare
from harness.gate.policy import Policy
from harness.gate.policy_file import parse_policy
from harness.measures.counts import Delays, WordErrors
from harness.results import Arm, Outcome, Run, RunRecord, UnitResult, Verdict
from harness.serial import to_dict
from testsets import manifest
from testsets.case import AudioRef, Case
from understudy.commands.plan import plan
from understudy.errors import UsageError
from understudy.planning import plan_run

POLICY = """
version = 1
name = "planned"
resamples = 200
percentile_resamples = 100
[margins]
wer = { relative = 0.10 }
"final_latency.p50" = { absolute_ms = 50 }
"""


def made_run(policy: Policy) -> tuple[Run, list[Case]]:
    """12 speakers with 5 cases of 40 words and a minute each; every third error is one of both sides."""
    rng = np.random.default_rng(1)
    cases, units = [], []
    for i in range(60):
        cases.append(Case(f"c{i}", AudioRef(f"c{i}.flac", 16_000, 60 * 16_000, "0" * 64), cluster=f"s{i % 12}"))
        for arm in (Arm.CHAMPION, Arm.CANDIDATE):
            delays = Delays.of([int(x) for x in rng.normal(4e8, 5e7, 20)])
            measures = {"wer": WordErrors(int(rng.binomial(40, 0.1)), reference=40), "final_latency": delays}
            units.append(UnitResult(arm, f"c{i}", f"s{i % 12}", {}, measures))
    comparisons = compare(units, policy, rng)
    record = RunRecord("r", "2026-01-01T00:00:00+00:00", 1, "none", to_dict(policy), policy.digest, (), (), {})
    return Run(record, tuple(units), comparisons, (), Verdict(Outcome.HOLD, (), (), "", "", "", "")), cases


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run, cases = made_run(parse_policy(POLICY, "gate.toml"))
    run_folder.write_results(tmp_path, run)
    manifest.save(tmp_path / "cases.jsonl", "run", cases)
    return tmp_path


def call(*arguments: str) -> str:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(plan)
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_rates_alone_make_a_plan() -> None:
    told = json.loads(call("--rate", "0.1", "--design-effect", "1", "--words-per-cluster", "10", "--json"))
    (one,) = told["plans"]
    needs = {need["asked"]: need for need in one["needs"]}
    # 6.18 * 2 (1 - 0.7) / (0.1 * 0.02^2) words
    assert needs["2%"]["total"] == pytest.approx(92_700, rel=0.01)
    assert needs["2%"]["minutes"] == pytest.approx(92_700 / 150, rel=0.01)
    assert (one["shared"], one["clusters"], told["power"]) == (0.7, None, 0.8)


def test_a_run_is_scaled_to_the_margins_of_its_policy(folder: Path) -> None:
    run, cases = made_run(parse_policy(POLICY, "gate.toml"))
    told = json.loads(call(str(folder), "--json"))["plans"]
    assert [(p["measure"], p["statistic"]) for p in told] == [("wer", "rate"), ("final_latency", "p50")]
    wer = told[0]
    compared = next(c for c in run.comparisons if c.measure == "wer")
    assert (wer["clusters"], wer["detectable"]) == (12, compared.mde)
    assert wer["cluster"] == {"total": 200, "cases": 5, "minutes": 5}
    policy_need = wer["needs"][-1]
    assert policy_need["asked"] == "policy"
    assert policy_need["margin"] == compared.margin
    assert policy_need["minutes"] == 5 * policy_need["clusters"]
    assert [12, compared.mde] in wer["curve"]
    assert wer["shared"] == pytest.approx(0.0, abs=0.35)  # both sides err independently here
    assert told[1]["cluster"]["total"] is None
    assert len(plan_run(run, cases, parse_policy(POLICY, "p"), ["wer"], "all", ["5%", "1pp"])[0][0].needs) == 2


def test_the_terminal_shows_table_and_curve(folder: Path) -> None:
    text = call(str(folder), "--measure", "wer", "--margin", "0.5pp", "--svg", str(folder / "curve.svg"))
    assert "12 clusters tell" in text.replace("\u00a0", " ")
    assert "this run" in text
    assert "0.5pp" in text
    assert ElementTree.parse(folder / "curve.svg").getroot().tag.endswith("svg")


def test_no_plan_is_below_the_policys_minimum() -> None:
    (one,) = json.loads(call("--rate", "0.1", "--margin", "90%", "--json"))["plans"]
    assert one["needs"][0]["clusters"] == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either the folder of a run or --rate"),
        (["nowhere"], "no run folder"),
        (["--rate", "7"], "--rate 7.0: a WER between 0 and 1"),
        (["--rate", "0.1", "--shared", "1"], "--shared 1.0: below 1"),
        (["--rate", "0.1", "--words-per-case", "0"], "--words-per-case 0.0: needs a number above 0"),
        (["--rate", "0.1", "--words-per-cluster", "inf"], "--words-per-cluster inf: needs a number above 0"),
        (["--rate", "0.1", "--svg", "no/such/folder/c.svg"], "--svg no/such/folder/c.svg: cannot be written"),
        (["--rate", "0.1", "--margin", "much"], "--margin much: give 5%"),
        (["--rate", "0.1", "--margin", "-1%"], "--margin -1%: needs a number above 0"),
        (["--rate", "0.1", "--margin", "50ms"], "--margin 50ms: this measure is a ratio"),
    ],
)
def test_mistakes_are_told(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        call(*arguments)


def test_a_run_without_that_measure_says_which_it_has(folder: Path) -> None:
    with pytest.raises(UsageError, match="no 'der' on 'all'; there are wer"):
        call(str(folder), "--measure", "der")
    with pytest.raises(UsageError, match="nothing gates on 'tag=x'"):
        call(str(folder), "--slice", "tag=x")


def test_a_run_of_two_that_did_alike_says_nothing(folder: Path) -> None:
    run, cases = made_run(parse_policy(POLICY, "gate.toml"))
    alike = [replace(c, mde=0.0) if c.measure == "wer" else c for c in run.comparisons]
    run = replace(run, comparisons=tuple(alike))
    plans, left_out = plan_run(run, cases, parse_policy(POLICY, "p"), [], "all", [])
    assert [one.measure for one in plans] == ["final_latency"]
    assert left_out[0].startswith("wer on all: both sides did exactly alike")
    with pytest.raises(UsageError, match="exactly alike"):
        plan_run(run, cases, parse_policy(POLICY, "p"), ["wer"], "all", [])

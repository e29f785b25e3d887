"""A run folder gives back what was written, and says clearly when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import EvidenceError
from harness.measures.catalogue import MeasureValue
from harness.measures.counts import Delays, SpeakerErrors, WordErrors
from harness.results import (
    ALL,
    Arm,
    ArmRecord,
    Comparison,
    DiffOp,
    EdgeCase,
    Finding,
    Interval,
    Outcome,
    Role,
    Run,
    RunRecord,
    TestSetRecord,
    UnitResult,
    Verdict,
)
from harness.run_folder import read_run, write_results


def a_comparison(name: str = ALL, outcome: Outcome = Outcome.PASS, role: Role = Role.GATING) -> Comparison:
    return Comparison(
        measure="wer",
        statistic="rate",
        slice=name,
        role=role,
        unit="ratio",
        champion=0.1,
        candidate=0.09,
        difference=-0.01,
        upper=0.002,
        interval=Interval(-0.02, 0.004, 0.95),
        champion_interval=None,
        candidate_interval=Interval(0.08, 0.1, 0.95),
        margin=0.005,
        margin_rule="5 % relative",
        mde=0.006,
        noise=0.0,
        p_inferior=0.01,
        p_worse=0.9,
        p_worse_adjusted=1.0,
        units=100,
        clusters=12,
        skipped={"no reference": 3},
        failed=1,
        method="t over 12 clusters",
        outcome=outcome,
        superior=False,
        reason="the upper bound lies below the margin",
    )


def a_run() -> Run:
    measures: dict[str, MeasureValue] = {"wer": WordErrors(1, 2, 3, 40), "der": SpeakerErrors(1, 2, 3, 16_000, 16_000)}
    measures["final_latency"] = Delays((5, 9), 1)
    unit = UnitResult(Arm.CHAMPION, "a", "speaker", {"accent": "scottish"}, measures)
    failed = UnitResult(Arm.CANDIDATE, "b", "b", {}, {}, {"wer": "no reference"}, failure="closed", empty=True)
    edge = EdgeCase(
        "a", "number", "candidate", 2, "five", "nine", "five", (DiffOp("equal", "five", "five"),),
        (DiffOp("substitute", "five", "nine"), DiffOp("insert", None, "um")), 0, 16_000, 16_000, "a.flac", {}, "x",
    )  # fmt: skip
    finding = Finding("failed", Outcome.HOLD, Arm.CANDIDATE, ("b",), "1 session failed")
    record = RunRecord(
        "r1", "2026-11-22T10:00:00Z", 7, "basic-1", {"alpha": 0.05}, "p",
        (ArmRecord(Arm.CHAMPION, "one", "d1", {"language": "en"}), ArmRecord(Arm.CANDIDATE, "two", "d2")),
        (TestSetRecord("rehearsal", "t", 2),), {"numpy": "2"},
    )  # fmt: skip
    verdict = Verdict(Outcome.HOLD, ("weak",), (finding,), "d1", "d2", "p", "wer|...")
    return Run(record, (unit, failed), (a_comparison(),), (edge,), verdict)


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_results(tmp_path, a_run())
    assert read_run(tmp_path) == a_run()


def test_a_run_without_edge_cases_or_comparisons_comes_back(tmp_path: Path) -> None:
    run = a_run()
    bare = Run(run.record, (), (), (), run.verdict)
    write_results(tmp_path, bare)
    assert read_run(tmp_path) == bare


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("verdict.json", None, "does not exist"),
        ("verdict.json", b"{", "not JSON"),
        ("verdict.json", b"[]", "not a JSON object"),
        ("run.json", json.dumps({"format": "understudy-run", "version": 99}).encode(), "version 99"),
        ("run.json", json.dumps({"format": "understudy-run", "version": 1}).encode(), "damaged"),
        ("units.parquet", b"PAR1", "not a readable Parquet file"),
        ("comparisons.parquet", None, "does not exist"),
    ],
)
def test_a_damaged_run_is_told_in_one_line(tmp_path: Path, name: str, content: bytes | None, what: str) -> None:
    write_results(tmp_path, a_run())
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_bytes(content)
    with pytest.raises(EvidenceError, match=what) as caught:
        read_run(tmp_path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_slices_group_comparisons_and_take_the_worst_gating_outcome() -> None:
    run = a_run()
    comparisons = (
        a_comparison(),
        a_comparison("accent=scottish", Outcome.HOLD),
        a_comparison("accent=scottish", Outcome.FAIL, Role.DIAGNOSTIC),
    )
    slices = Run(run.record, (), comparisons, (), run.verdict).slices
    assert [(s.name, s.outcome) for s in slices] == [(ALL, Outcome.PASS), ("accent=scottish", Outcome.HOLD)]

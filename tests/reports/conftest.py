"""Runs built from values: the three verdicts with everything a report can show, and a run of nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.measures.counts import Delays, Pace, SpeakerErrors, WordErrors
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

CHAMPION, CANDIDATE = "a1" * 32, "b2" * 32
RATE = 16_000
SAID = ("please", "send", "seventy", "two", "crates", "to", "the", "harbour")
SLICES = ("noise=clean", "noise=babble", "channel=telephone", "accent=scottish", "content=numbers")
DELAY_MEDIANS = {Arm.CHAMPION: 0.92, Arm.CHAMPION_AGAIN: 0.92, Arm.CANDIDATE: 0.99}


def comparison(
    measure: str = "wer",
    slice_: str = ALL,
    *,
    values: tuple[float | None, float | None] = (0.1230, 0.1251),
    half: float = 0.004,
    outcome: Outcome = Outcome.PASS,
    role: Role = Role.GATING,
    statistic: str = "rate",
    margin: float | None = 0.01,
    superior: bool = False,
    reason: str = "the upper bound lies below the margin",
    units: int = 126,
) -> Comparison:
    champion, candidate = values
    found = None if champion is None or candidate is None else candidate - champion
    unit = "s" if statistic != "rate" else "ratio"
    return Comparison(
        measure=measure,
        statistic=statistic,
        slice=slice_,
        role=role,
        unit=unit,
        champion=champion,
        candidate=candidate,
        difference=found,
        upper=None if found is None else found + 0.84 * half,
        interval=None if found is None else Interval(found - half, found + half, 0.95),
        champion_interval=None,
        candidate_interval=None,
        margin=margin,
        margin_rule=None if margin is None else "absolute",
        mde=None if found is None else 1.3 * half,
        noise=None if found is None else 0.3 * half,
        p_inferior=None if found is None else 0.01,
        p_worse=None if found is None else 0.2,
        p_worse_adjusted=None if found is None else 0.4,
        units=units,
        clusters=min(23, units),
        skipped={} if found is not None else {"no reference": 24},
        failed=0,
        method="cluster bootstrap",
        outcome=outcome,
        superior=superior,
        reason=reason,
    )


def edge_case(index: int, audio: str, *, arm: Arm = Arm.CANDIDATE, kind: str = "number", severity: int = 3) -> EdgeCase:
    champion = tuple(DiffOp("equal", w, w) for w in SAID)
    candidate = (
        *champion[:2],
        DiffOp("substitute", "seventy", "seventeen"),
        DiffOp("delete", "two", None),
        DiffOp("equal", "crates", "crates"),
        DiffOp("insert", None, "of"),
        *champion[5:],
    )
    return EdgeCase(
        case_id=f"rms-numbers-{index:03d}",
        kind=kind,
        arm=arm.value,
        severity=severity,
        champion="please send seventy two crates to the harbour",
        candidate="please send seventeen crates of to the harbour",
        reference="please send seventy two crates to the harbour",
        champion_diff=champion,
        candidate_diff=candidate,
        start=RATE // 2,
        end=3 * RATE,
        rate=RATE,
        audio=audio,
        tags={"noise": "babble" if index % 2 else "clean", "accent": "american"},
        detail="“seventy two” became “seventeen”",
    )


def units(seed: int = 7, cases: int = 120) -> tuple[UnitResult, ...]:
    rng = np.random.default_rng(seed)
    found = []
    for arm, median in DELAY_MEDIANS.items():
        for k in range(cases):
            delays = [int(1e9 * x) for x in rng.normal(median, 0.09, 12)]
            failed = arm is Arm.CANDIDATE and k == 17
            measures = {
                "wer": WordErrors(1, 0, int(k % 3 == 0), 12),
                "der": SpeakerErrors(800, 100, 300, 32_000, RATE),
                "final_latency": Delays.of(delays, censored=int(k % 40 == 0)),
                "partial_latency": Delays.of([d // 2 for d in delays]),
                "pace": Pace(40, int(k == 3), 6_200_000, 4_000_000_000, 4_000_900_000),
            }
            skipped = {} if k % 5 else {"wer": "no reference", "cer": "no reference"}
            kept = {name: value for name, value in measures.items() if name not in skipped}
            failure = "the endpoint closed the connection after 1.2 s" if failed else None
            found.append(UnitResult(arm.value, f"case-{k:03d}", f"spk{k % 23}", {}, kept, skipped, failure, k == 5))
    return tuple(found)


def comparisons(outcome: Outcome) -> tuple[Comparison, ...]:
    """All cases and slices; under FAIL one slice is beyond its margin, under HOLD one has too little evidence."""
    bad = outcome is Outcome.FAIL
    slices = [comparison("wer", name, values=(0.11 + 0.02 * k, 0.112 + 0.02 * k)) for k, name in enumerate(SLICES)]
    why = "the upper bound +3.86 pp is beyond the margin +1.00 pp"
    if bad:
        slices[1] = comparison("wer", SLICES[1], values=(0.13, 0.1572), half=0.0135, outcome=outcome, reason=why)
    if outcome is Outcome.HOLD:
        why = "6 clusters, and the policy asks for 8"
        slices[4] = comparison("wer", SLICES[4], values=(0.19, 0.191), half=0.04, outcome=outcome, reason=why, units=9)
    nothing = comparison("cer", values=(None, None), margin=None, role=Role.DIAGNOSTIC, reason="no case has characters")
    return (
        comparison("wer", values=(0.1230, 0.1251 + 0.004 * bad)),
        comparison("der", values=(0.081, 0.074), half=0.003, superior=True),
        *(comparison("final_latency", statistic=s, values=v, half=0.02, margin=0.1) for s, v in _PERCENTILES),
        comparison("first_partial", statistic="p50", values=(0.51, 0.43), half=0.06, margin=None, role=Role.DIAGNOSTIC),
        nothing,
        *slices,
        comparison("wer", "age=child", values=(0.2, 0.24), half=0.05, margin=None, role=Role.DIAGNOSTIC,
                   outcome=Outcome.FAIL, reason="worse beyond doubt, but this slice only informs"),
        *(comparison("der", name, values=(0.08, 0.081), margin=None, role=Role.DIAGNOSTIC) for name in SLICES[:2]),
    )  # fmt: skip


_PERCENTILES = (("p50", (0.92, 0.99)), ("p95", (1.071, 1.142)))

REASONS = {
    Outcome.PASS: ("no gating comparison is worse than its margin allows, over all cases and in 5 slices",),
    Outcome.FAIL: ("WER on noise=babble: the upper bound +3.86 pp is beyond the margin +1.00 pp",),
    Outcome.HOLD: ("WER on content=numbers: 6 clusters, and the policy asks for 8",),
}


def run(outcome: Outcome, audio: str = "nowhere.flac", edges: int = 5) -> Run:
    config = {"language": "en", "max_delay": 1.8}
    arms = [
        ArmRecord(Arm.CHAMPION, "models:/reference@champion", CHAMPION, config, "2 cores"),
        ArmRecord(Arm.CHAMPION_AGAIN, "models:/reference@champion", CHAMPION, config, "2 cores"),
        ArmRecord(Arm.CANDIDATE, "models:/reference@candidate", CANDIDATE, config, "2 cores"),
    ]
    record = RunRecord(
        id="2026-11-22T22-40-07",
        created="2026-11-22T22:40:07+00:00",
        seed=20261122,
        normaliser="english-1 4f1c",
        policy={"alpha": 0.05, "margins": {"wer": "1 pp"}},
        policy_digest="c3" * 32,
        arms=tuple(arms),
        test_sets=(TestSetRecord("rehearsal", "d4" * 32, 126), TestSetRecord("traffic", "e5" * 32, 9)),
        versions={"understudy": "0.1.0", "numpy": "2.3.5"},
        config={"concurrency": 8},
        duration_ns=171_000_000_000,
    )
    regressions = [edge_case(k, audio, severity=9 - k) for k in range(edges)]
    other = edge_case(90, audio, arm=Arm.CHAMPION, kind="name", severity=2)
    unheard = replace(other, case_id="session-4", reference=None, champion_diff=(), kind="substitution")
    findings = (
        Finding("failed", Outcome.PASS, "candidate", ("case-017",), "1 session failed, within the policy's 2 %"),
    )
    verdict = Verdict(
        outcome, REASONS[outcome], findings, CHAMPION, CANDIDATE, "c3" * 32,
        "wer|english-1:4f1c|rehearsal:d4d4d4|n=126|seed=20261122",
    )  # fmt: skip
    edge_cases = (*regressions, *((other, unheard) if edges else ()))
    return Run(record, units(), comparisons(outcome), edge_cases, verdict)


def empty_run() -> Run:
    """Nothing was run: no arms, no units, no comparisons."""
    full = run(Outcome.HOLD)
    record = replace(full.record, arms=(), test_sets=(), versions={}, config={}, duration_ns=0)
    verdict = replace(full.verdict, reasons=(), findings=())
    return Run(record, (), (), (), verdict)


@pytest.fixture(scope="session")
def make_run() -> Callable[..., Run]:
    return run


@pytest.fixture(scope="session")
def make_comparison() -> Callable[..., Comparison]:
    return comparison


@pytest.fixture(scope="session")
def make_edge_case() -> Callable[..., EdgeCase]:
    return edge_case


@pytest.fixture(scope="session")
def nothing() -> Run:
    return empty_run()


@pytest.fixture(scope="session")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a quiet tone."""
    path = tmp_path_factory.mktemp("audio") / "tone.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(4 * RATE) * 0.1).astype(np.float32), RATE)
    return path

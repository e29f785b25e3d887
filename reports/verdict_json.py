"""The verdict as one JSON object, for ``--json``: its keys are documented in docs/report.md and stable."""

from __future__ import annotations

from typing import Any

from harness.results import Comparison, Role, Run
from harness.serial import to_dict

KEYS = ("measure", "statistic", "slice", "unit", "champion", "candidate", "difference", "upper", "margin", "mde")
JSON_VERSION = 1


def verdict_json(run: Run) -> dict[str, Any]:
    """The outcome, why, about whom, and the numbers that decided; unrounded."""
    arms = {a.arm: {"name": a.name, "digest": a.digest} for a in run.record.arms}
    verdict = to_dict(run.verdict)
    return {
        "version": JSON_VERSION,
        "run": run.record.id,
        "outcome": verdict["outcome"],
        "reasons": verdict["reasons"],
        "arms": arms,
        "test_sets": [to_dict(t) for t in run.record.test_sets],
        "comparisons": [_comparison(c) for c in run.comparisons if c.role is Role.GATING],
        "findings": verdict["findings"],
        "edge_cases": len(run.edge_cases),
        "policy_digest": verdict["policy_digest"],
        "signature": verdict["signature"],
    }


def _comparison(c: Comparison) -> dict[str, Any]:
    plain = to_dict(c)
    return {key: plain[key] for key in (*KEYS, "units", "clusters", "outcome", "reason")}

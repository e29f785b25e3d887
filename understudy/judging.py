"""From event logs to a judged run: everything that can be computed again from a run's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harness.gate.compare import compare
from harness.gate.decide import decide
from harness.gate.edge_cases import find_edge_cases
from harness.gate.integrity import check_integrity
from harness.gate.policy import Policy
from harness.measures.signature import signature
from harness.results import Arm, Run, RunRecord
from harness.scoring import Rules, score_logs
from testsets.case import Case
from testsets.events import EventLog


def judge_run(record: RunRecord, cases: Sequence[Case], logs: Mapping[str, Sequence[EventLog]], policy: Policy) -> Run:
    """Score, compare, look for edge cases, and decide.

    Args:
        record: how the run came about; its policy must be ``policy``.
        cases: what was to be recognised.
        logs: arm -> what came back.
        policy: what "no worse" means.
    """
    rules = Rules(policy.pack, policy.dialect, int(policy.pace.lateness_budget_ms * 1e6))
    units = score_logs(cases, logs, rules)
    comparisons = compare(units, policy, np.random.default_rng(policy.seed))
    digests = {arm.arm: arm.digest for arm in record.arms}
    verdict = decide(
        comparisons,
        check_integrity(cases, logs, units, record.arms, policy),
        champion_digest=digests[Arm.CHAMPION],
        candidate_digest=digests[Arm.CANDIDATE],
        policy_digest=policy.digest,
        signature=signature(
            dict.fromkeys(comparison.measure for comparison in comparisons),
            policy.pack.signature,
            [(found.name, found.digest) for found in record.test_sets],
            len(cases),
            policy.seed,
            policy.resamples,
        ),
    )
    return Run(record, units, comparisons, find_edge_cases(cases, logs, policy.pack), verdict)

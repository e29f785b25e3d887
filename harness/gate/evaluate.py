"""The whole way from event logs to a finished run; what ``understudy gate`` and ``understudy rescore`` share. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harness.gate.compare import compare
from harness.gate.decide import decide
from harness.gate.edge_cases import find_edge_cases
from harness.gate.integrity import check_integrity
from harness.gate.matched import matched_segments
from harness.gate.normaliser_share import normaliser_share
from harness.gate.policy import Policy
from harness.gate.sequential import at_look
from harness.measures.catalogue import CATALOGUE, MEETINGS, SPEAKERS
from harness.measures.signature import signature
from harness.results import Arm, Run, RunRecord
from harness.scoring.cases import score_logs
from testsets.case import Case
from testsets.events import EventLog


def evaluate(
    cases: Sequence[Case],
    logs: Mapping[str, Sequence[EventLog]],
    policy: Policy,
    record: RunRecord,
    rng: np.random.Generator,
) -> Run:
    """Score, compare, check the evidence, find edge cases, decide.

    Args:
        cases: what was to be recognised.
        logs: arm -> event logs.
        policy: the effective policy; ``record`` should hold the same.
        record: how the logs came about; its look, if any, says at which level all of it is judged.
        rng: for the bootstrap; ``np.random.default_rng(policy.seed)`` gives the same run again.
    """
    judged = at_look(policy, record.look)
    units = score_logs(cases, logs, policy.rules)
    comparisons = compare(units, judged, rng, matched_segments(cases, logs, policy.pack))
    digests = {arm.arm: arm.digest for arm in record.arms}
    verdict = decide(
        comparisons,
        check_integrity(cases, logs, units, record.arms, policy),
        champion_digest=digests.get(Arm.CHAMPION, ""),
        candidate_digest=digests.get(Arm.CANDIDATE, ""),
        policy_digest=policy.digest,
        signature=run_signature(record, policy, len(cases)),
    )
    edge_cases = find_edge_cases(cases, logs, policy.pack)
    return Run(record, units, comparisons, edge_cases, verdict, normaliser_share(cases, logs, policy.pack))


def run_signature(record: RunRecord, policy: Policy, cases: int) -> str:
    """What every number of the run depends on, in one line."""
    sets = [(test_set.name, test_set.digest) for test_set in record.test_sets]
    families = {CATALOGUE[key.partition(".")[0]].family for key in policy.margins}
    line = signature(policy.margins, policy.rules.words_signature(), sets, cases, policy.seed, policy.resamples)
    if MEETINGS in families or "tcwer" in policy.margins:
        line += f"|words:collar{policy.words.collar_ms}ms"
    if SPEAKERS in families:
        line += f"|speakers:{policy.dialect.signature}"
    return line if record.look is None else f"{line}|look:{record.look.number}/{record.look.planned}"

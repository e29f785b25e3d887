"""Stopping a replay early when the answer is certain: looks at growing evidence that share one alpha.

A run whose policy plans looks asks its cases in batches. After each batch but the last the evidence so far is judged at
the level of that look: PASS where every gating comparison passes, FAIL where one fails, otherwise the replay goes on.
The run records at which look it ended, and everything in it is judged at that look's level.

PASS and FAIL are claims of their own, each with its own alpha. PASS is an intersection of claims, and so keeps its
alpha at any number of comparisons; Holm guards FAIL at each look as it does without looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise

import numpy as np

from harness.gate.compare import compare
from harness.gate.policy import Policy
from harness.results import LookRecord, Outcome, Role, UnitResult
from harness.statistics.looks import nominal_levels
from harness.statistics.matched import Segments
from testsets.case import Case


class Decision(StrEnum):
    """What a look says."""

    CONTINUE = "CONTINUE"
    PASS = "PASS"
    FAIL = "FAIL"


def planned_looks(policy: Policy) -> tuple[LookRecord, ...]:
    """The looks of a policy, the one over all the evidence last; none where the policy plans none."""
    if not policy.looks.fractions:
        return ()
    shares = (*policy.looks.fractions, 1.0)
    levels = nominal_levels(shares, policy.alpha, policy.looks.spending)
    numbered = zip(range(1, len(shares) + 1), shares, levels, strict=True)
    return tuple(LookRecord(number, len(shares), share, level) for number, share, level in numbered)


def batches(cases: Sequence[Case], policy: Policy, rng: np.random.Generator) -> list[list[Case]]:
    """The cases in random order, one batch a look; one batch of all, in order, where the policy plans none.

    A batch may be empty where there are few cases; the same look at the same evidence says the same again.
    """
    looks = planned_looks(policy)
    if not looks:
        return [list(cases)]
    order = [cases[place] for place in rng.permutation(len(cases))]
    ends = [0, *(round(look.share * len(order)) for look in looks)]
    return [order[begin:end] for begin, end in pairwise(ends)]


def at_look(policy: Policy, look: LookRecord | None) -> Policy:
    """The policy with the level of one look instead of its whole alpha."""
    return policy if look is None else replace(policy, alpha=look.alpha)


def decide_look(
    units: Sequence[UnitResult],
    policy: Policy,
    look: LookRecord,
    rng: np.random.Generator,
    segments: Mapping[str, Segments] | None = None,
) -> Decision:
    """What the evidence so far says at one look.

    Args:
        units: of all arms, of the cases that every arm has answered.
        policy: as the user gave it.
        look: one of ``planned_looks``.
        rng: for the bootstrap.
        segments: as for ``compare``; they decide nothing and may be left out.
    """
    if look.alpha <= 0:
        return Decision.CONTINUE
    comparisons = compare(units, at_look(policy, look), rng, segments)
    gating = [c.outcome for c in comparisons if c.role is Role.GATING]
    if Outcome.FAIL in gating:
        return Decision.FAIL
    return Decision.PASS if gating and set(gating) == {Outcome.PASS} else Decision.CONTINUE

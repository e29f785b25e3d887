"""The outcome of one comparison, and why, in one sentence.

PASS: the one-sided upper bound of the difference lies at or below the margin. All gating comparisons must pass, so a
wrong PASS of the whole is at most as likely as of one (intersection-union: no correction is needed, and none is made).
FAIL: the candidate is worse than the champion beyond doubt (after Holm over all gating comparisons), beyond the noise
floor, and not shown to be within the margin. HOLD: neither is shown; more evidence could tell.

Source: Berger (Technometrics 1982) for the intersection-union test; docs/measures.md for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.gate.policy import Policy, statistic_key
from harness.measures.catalogue import CATALOGUE
from harness.results import Comparison, Outcome, Role
from harness.statistics.multiple import benjamini_hochberg, holm


def adjust(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Fill in the adjusted p-values: Holm over the gating comparisons, Benjamini-Hochberg over the diagnostic ones."""
    found = list(comparisons)
    for role, correct in ((Role.GATING, holm), (Role.DIAGNOSTIC, benjamini_hochberg)):
        places = [i for i, c in enumerate(found) if c.role is role and c.p_worse is not None]
        worse = correct([found[i].p_worse or 0.0 for i in places])
        better = correct([found[i].p_better or 0.0 for i in places])
        for i, p, q in zip(places, worse, better, strict=True):
            found[i] = replace(found[i], p_worse_adjusted=p, p_better_adjusted=q)
    return found


def judge(comparison: Comparison, policy: Policy, endless: bool = False) -> Comparison:
    """The comparison with its outcome, superiority, equivalence and reason.

    Args:
        comparison: with its adjusted p-value.
        policy: alpha and minimum evidence.
        endless: the candidate's percentile lies among words never finalised, the champion's does not.
    """
    outcome, reason = _judge(comparison, policy, endless)
    return replace(
        comparison,
        outcome=outcome,
        superior=_enough(comparison, policy) and _superior(comparison, policy),
        equivalent=_enough(comparison, policy) and _below(comparison.p_equivalent, policy.alpha),
        reason=f"{_name(comparison)}: {reason}",
    )


def _enough(c: Comparison, policy: Policy) -> bool:
    return c.clusters >= policy.minimum.clusters and c.units >= policy.minimum.units


def _superior(c: Comparison, policy: Policy) -> bool:
    if c.difference is None or not CATALOGUE[c.measure].harm:
        return False
    return _below(c.p_better_adjusted, policy.alpha) and -c.difference > (c.noise or 0.0)


def _below(p: float | None, alpha: float) -> bool:
    return p is not None and p < alpha


def _judge(c: Comparison, policy: Policy, endless: bool) -> tuple[Outcome, str]:
    if endless:
        return Outcome.FAIL, "the candidate left so many words without a final that its percentile has no end"
    if c.clusters < policy.minimum.clusters:
        return Outcome.HOLD, f"only {_counted(c.clusters, 'cluster')}; the policy needs {policy.minimum.clusters}"
    if c.units < policy.minimum.units:
        return (
            Outcome.HOLD,
            f"only {_counted(c.units, 'case')} measured on both sides; the policy needs {policy.minimum.units}",
        )
    if c.difference is None or c.upper is None:
        return Outcome.HOLD, "undefined on this evidence (too few observations, or nothing to divide by)"
    worse = _below(c.p_worse_adjusted, policy.alpha) and c.difference > (c.noise or 0.0)
    if c.role is Role.DIAGNOSTIC or c.margin is None:
        shown = _amount(c, c.difference)
        if not CATALOGUE[c.measure].harm:
            return Outcome.PASS, f"{shown}, which is neither better nor worse"
        return (Outcome.FAIL, f"worse by {shown}") if worse else (Outcome.PASS, f"not shown to be worse ({shown})")
    return _against_margin(c, c.difference, c.upper, c.margin, worse)


def _against_margin(c: Comparison, difference: float, upper: float, margin: float, worse: bool) -> tuple[Outcome, str]:
    held = f"at worst {_amount(c, upper)}, allowed {_amount(c, margin)}"
    if c.noise is not None and c.noise > margin:
        return Outcome.HOLD, f"the champion differs from itself by {_amount(c, c.noise)}, more than the margin"
    harm = CATALOGUE[c.measure].harm
    if upper <= margin:
        return Outcome.PASS, f"{'no worse' if harm else 'differs little enough'}: {held}"
    if worse:
        return Outcome.FAIL, f"{'worse' if harm else 'differs'} by {_amount(c, difference)}: {held}"
    weak = "" if c.mde is None or c.mde <= margin else f"; this evidence can tell {_amount(c, c.mde)} at best"
    return Outcome.HOLD, f"not shown to {'be no worse' if harm else 'differ little enough'}: {held}{weak}"


def _name(c: Comparison) -> str:
    return f"{statistic_key(c.measure, c.statistic)} on {c.slice}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _amount(c: Comparison, value: float) -> str:
    if c.unit == "x":
        return f"{value:+.3f}"
    return f"{100 * value:+.2f} points" if c.unit == "ratio" else f"{1000 * value:+.0f} ms"

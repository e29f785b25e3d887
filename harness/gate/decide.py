"""From comparisons and findings to the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from harness.results import Comparison, Finding, Outcome, Role, Verdict

_WORST_FIRST = (Outcome.FAIL, Outcome.HOLD)


def decide(
    comparisons: Sequence[Comparison],
    findings: Sequence[Finding],
    *,
    champion_digest: str,
    candidate_digest: str,
    policy_digest: str,
    signature: str,
) -> Verdict:
    """PASS only where something gates, every gating comparison passes and no finding objects; FAIL outranks HOLD.

    Args:
        comparisons: judged.
        findings: of the evidence; they come first among the reasons.
        champion_digest: of the recogniser that is in production.
        candidate_digest: of the one that wants to be.
        policy_digest: of the policy that judged.
        signature: of the numbers.
    """
    gating = [c for c in comparisons if c.role is Role.GATING]
    reasons: list[str] = []
    outcome = Outcome.PASS
    for level in reversed(_WORST_FIRST):
        objections = [_finding(f) for f in findings if f.outcome is level]
        objections += [c.reason for c in gating if c.outcome is level]
        if objections:
            outcome, reasons = level, objections + reasons
    if not gating:
        outcome = max(outcome, Outcome.HOLD, key=(Outcome.PASS, Outcome.HOLD, Outcome.FAIL).index)
        reasons.append("nothing was compared that the policy gates on")
    if outcome is Outcome.PASS:
        reasons.append(_passed(len(gating)))
    return Verdict(
        outcome, tuple(reasons), tuple(findings), champion_digest, candidate_digest, policy_digest, signature
    )


def _passed(gating: int) -> str:
    where = "the only gating comparison" if gating == 1 else f"all {gating} gating comparisons"
    return f"no worse than the margins allow in {where}"


def _finding(finding: Finding) -> str:
    return f"{finding.arm.replace('_', ' ')}: {finding.message}" if finding.arm else finding.message

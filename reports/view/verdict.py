"""The verdict and what to look at first."""

from __future__ import annotations

from dataclasses import dataclass

from harness.results import ALL, Arm, Comparison, EdgeCase, Finding, Outcome, Role, Run
from reports.view.anchors import comparison_anchor, finding_anchor, utterance_anchor
from reports.wording import DISAGREEMENT, arm_title, difference, measure_title, number, reason, slice_title

LOOK_AT = 3  # a reader follows three pointers, not ten
BEFORE_UTTERANCE = 2  # so that the worst utterance is not crowded out by a row of failing slices


@dataclass(frozen=True, slots=True)
class Pointer:
    """One thing to look at, and where it stands in the page."""

    anchor: str
    title: str
    text: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class VerdictView:
    """What a release engineer reads in five seconds."""

    outcome: Outcome
    sentence: str
    reasons: tuple[str, ...]
    figures: tuple[str, ...]  # the gating measures over all cases, one line each
    look_at: tuple[Pointer, ...]


def verdict_view(run: Run) -> VerdictView:
    """Word the verdict of a run."""
    outcome = run.verdict.outcome
    return VerdictView(
        outcome=outcome,
        sentence=headline(run),
        reasons=run.verdict.reasons or ("The gate gave no reason.",),
        figures=tuple(figure(c) for c in run.comparisons if c.role is Role.GATING and c.slice == ALL),
        look_at=_first(run),
    )


def headline(run: Run) -> str:
    """The verdict as one sentence about the two recognisers."""
    names = {arm.arm: arm.name for arm in run.record.arms}
    candidate = names.get(Arm.CANDIDATE.value, "the candidate")
    champion = names.get(Arm.CHAMPION.value, "the champion")
    return {
        Outcome.PASS: f"{candidate} may replace {champion}.",
        Outcome.FAIL: f"{candidate} must not replace {champion}.",
        Outcome.HOLD: f"The evidence does not say whether {candidate} may replace {champion}.",
    }[run.verdict.outcome]


def figure(c: Comparison) -> str:
    """A comparison in one line: from, to, difference, bound, margin."""
    parts = [f"{number(c.champion, c.unit)} → {number(c.candidate, c.unit)}"]
    if c.difference is not None:
        parts.append(difference(c.difference, c.unit))
    if c.upper is not None:
        parts.append(f"at most {difference(c.upper, c.unit)}")
    if c.margin is not None:
        parts.append(f"margin {difference(c.margin, c.unit)}")
    return f"{measure_title(c.measure, c.statistic)}: {', '.join(parts)}"


def _first(run: Run) -> tuple[Pointer, ...]:
    """Two of what decided, then the worst thing that a user would hear, then the rest."""
    deciding = _deciding(run)
    order = [*deciding[:BEFORE_UTTERANCE], *_worst_utterance(run), *deciding[BEFORE_UTTERANCE:], *_worrying(run)]
    return tuple(order[:LOOK_AT])


def _deciding(run: Run) -> list[Pointer]:
    """Failures before doubts; findings, one of a kind, before numbers, for numbers rest on the evidence."""
    found: list[Pointer] = []
    for outcome in (Outcome.FAIL, Outcome.HOLD):
        first = {f.kind: (i, f) for i, f in reversed([*enumerate(run.verdict.findings)]) if f.outcome is outcome}
        found.extend(_of_finding(i, f) for i, f in sorted(first.values(), key=lambda item: item[0]))
        wrong = [c for c in run.comparisons if c.role is Role.GATING and c.outcome is outcome]
        found.extend(_of_comparison(c) for c in sorted(wrong, key=_excess, reverse=True))
    return found


def _worst_utterance(run: Run) -> list[Pointer]:
    regressions = [e for e in run.edge_cases if e.arm == Arm.CANDIDATE.value and e.kind != "latency"]
    return [_of_edge_case(max(regressions, key=lambda e: e.severity))] if regressions else []


def _worrying(run: Run) -> list[Pointer]:
    diagnostic = [c for c in run.comparisons if c.role is Role.DIAGNOSTIC and c.outcome is Outcome.FAIL]
    worse = [c for c in diagnostic if c.measure != DISAGREEMENT]
    return [_of_comparison(c) for c in sorted(worse, key=_excess, reverse=True)]


def _excess(c: Comparison) -> float:
    """How bad it is in units of its margin; comparisons without one stand behind those with one."""
    if c.difference is None:
        return float("-inf")
    return c.difference / c.margin if c.margin else c.difference


def _of_finding(index: int, f: Finding) -> Pointer:
    who = f", {arm_title(f.arm)}" if f.arm else ""
    return Pointer(finding_anchor(index), f"Evidence: {f.kind}{who}", f.message, f.outcome)


def _of_comparison(c: Comparison) -> Pointer:
    title = f"{measure_title(c.measure, c.statistic)} on {slice_title(c.slice)}"
    return Pointer(comparison_anchor(c), title, reason(c), c.outcome if c.role is Role.GATING else None)


def _of_edge_case(e: EdgeCase) -> Pointer:
    return Pointer(utterance_anchor(e), f"Worst utterance: {e.case_id}", e.detail, None)

"""The utterances in which the recognisers differ most, worst first."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from harness.results import ALL, Arm, EdgeCase, Run
from reports.view.anchors import utterance_anchor
from reports.view.diff import Column, columns
from reports.wording import clock, count

MOST_REGRESSIONS, MOST_IMPROVEMENTS = 40, 20  # cards in a page; all edge cases stay in the run folder

NOWHERE = "The recognisers differ nowhere beyond the champion’s own noise."

KIND_TITLES = {
    "substitution": "substitution",
    "deletion": "deletion",
    "insertion": "insertion",
    "number": "number",
    "name": "name",
    "hallucination": "hallucination",
    "empty": "empty answer",
    "failure": "failed session",
    "latency": "latency",
}


@dataclass(frozen=True, slots=True)
class Utterance:
    """One case with everything that differs in it."""

    anchor: str
    case_id: str
    edge: EdgeCase  # the worst of its edge cases, whose clip is played
    kinds: tuple[str, ...]
    worse: str  # arm that is worse, by its worst edge case
    verb: str  # "regression" or "improvement"
    severity: str
    details: tuple[str, ...]
    tags: tuple[str, ...]  # "tag=value", those that the run compared as slices; the search knows all
    where: str
    has_reference: bool
    reference: str
    champion: str
    candidate: str
    columns: tuple[Column, ...]
    search: str


@dataclass(frozen=True, slots=True)
class UtterancesView:
    """The cards, what can be filtered by, and what is not shown."""

    cards: tuple[Utterance, ...]
    kinds: tuple[str, ...]
    tags: tuple[str, ...]
    hidden: str  # how many are not shown; empty when all are
    none: str  # what stands there when there are no cards


def utterances_view(run: Run) -> UtterancesView:
    """Edge cases as cards, one for each case; regressions before improvements, then by severity."""
    groups: dict[str, list[EdgeCase]] = {}
    for edge in run.edge_cases:
        groups.setdefault(utterance_anchor(edge), []).append(edge)
    ordered = sorted(groups.values(), key=_order)
    regressions = [g for g in ordered if _worst(g).arm == Arm.CANDIDATE.value]
    improvements = ordered[len(regressions) :]
    slices = {c.slice for c in run.comparisons} - {ALL}
    cards = tuple(_card(g, slices) for g in (*regressions[:MOST_REGRESSIONS], *improvements[:MOST_IMPROVEMENTS]))
    left = len(ordered) - len(cards)
    return UtterancesView(
        cards=cards,
        kinds=tuple(sorted({kind for card in cards for kind in card.kinds})),
        tags=tuple(sorted({tag for card in cards for tag in card.tags})),
        hidden=f"{count(left, 'more utterance')} in edge_cases.parquet of the run folder" if left else "",
        none=NOWHERE if run.units else "Nothing was run, so nothing can differ.",
    )


def severity_text(edge: EdgeCase) -> str:
    """How much worse, or better, the candidate is, in the edge case's own unit."""
    worse = edge.arm == Arm.CANDIDATE.value
    if edge.kind == "latency":
        return f"{edge.severity:,} ms {'later' if worse else 'earlier'}"
    word = "more" if worse else "fewer"
    return count(edge.severity, f"{word} error", f"{word} errors")


def kind_title(kind: str) -> str:
    """The kind as a reader says it."""
    return KIND_TITLES.get(kind, kind)


def _order(group: Sequence[EdgeCase]) -> tuple[bool, bool, int, str]:
    worst = _worst(group)
    regression, words, severity = _badness(worst)
    return (not regression, not words, -severity, worst.case_id)


def _worst(group: Sequence[EdgeCase]) -> EdgeCase:
    return max(group, key=_badness)


def _badness(edge: EdgeCase) -> tuple[bool, bool, int]:
    """Regressions above improvements, words above delays: a millisecond is no word."""
    return (edge.arm == Arm.CANDIDATE.value, edge.kind != "latency", edge.severity)


def _card(group: Sequence[EdgeCase], slices: Set[str]) -> Utterance:
    worst = _worst(group)
    tags = tuple(f"{key}={value}" for key, value in sorted(worst.tags.items()))
    texts = (worst.reference or "", worst.champion, worst.candidate)
    details = tuple(dict.fromkeys(e.detail for e in group if e.detail))
    return Utterance(
        anchor=utterance_anchor(worst),
        case_id=worst.case_id,
        edge=worst,
        kinds=tuple(dict.fromkeys(e.kind for e in sorted(group, key=_badness, reverse=True))),
        worse=worst.arm,
        verb="regression" if worst.arm == Arm.CANDIDATE.value else "improvement",
        severity=severity_text(worst),
        details=details,
        tags=tuple(tag for tag in tags if tag in slices),
        where=f"{clock(worst.start, worst.rate)}–{clock(worst.end, worst.rate)}",
        has_reference=worst.reference is not None,
        reference=worst.reference or "",
        champion=worst.champion,
        candidate=worst.candidate,
        columns=columns(worst),
        search=" ".join((worst.case_id, *texts, *details, *tags)).casefold(),
    )

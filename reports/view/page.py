"""A whole run, worded: what every form of the report draws from."""

from __future__ import annotations

from dataclasses import dataclass

from harness.results import Run
from reports.view.comparisons import Table, measure_tables, slice_tables
from reports.view.evidence import EvidenceView, evidence_view
from reports.view.latency import LatencyFigure, latency_figures
from reports.view.secondary import NormaliserView, TestRow, matched_tests, normaliser_view
from reports.view.utterances import UtterancesView, utterances_view
from reports.view.verdict import VerdictView, verdict_view
from reports.wording import percent


@dataclass(frozen=True, slots=True)
class Page:
    """The report's content in reading order."""

    title: str
    verdict: VerdictView
    evidence: EvidenceView
    measures: tuple[Table, ...]
    slices: tuple[Table, ...]
    latency: tuple[LatencyFigure, ...]
    utterances: UtterancesView
    tests: tuple[TestRow, ...]
    normaliser: NormaliserView | None
    level: str  # of the intervals, e.g. "95 %"


def page(run: Run) -> Page:
    """Word a run."""
    level = next((c.interval.level for c in run.comparisons if c.interval is not None), None)
    return Page(
        title=f"{run.verdict.outcome.value}: {run.record.id}",
        verdict=verdict_view(run),
        evidence=evidence_view(run),
        measures=measure_tables(run),
        slices=slice_tables(run),
        latency=latency_figures(run),
        utterances=utterances_view(run),
        tests=matched_tests(run),
        normaliser=normaliser_view(run.normaliser),
        level="" if level is None else percent(level),
    )

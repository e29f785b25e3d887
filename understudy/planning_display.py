"""A plan on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from reports.wording import NONE, count, difference, measure_title, number, percent, slice_title
from understudy.planning import Cluster, Need, Plan

BAR = 32  # characters of the longest bar
NAMES = {"wer": "words", "disagreement": "words", "cer": "characters", "der": "seconds of speech"}


def draw(plan: Plan, alpha: float, power: float) -> None:
    """Print what is known, what each margin needs, and the curve between the two."""
    console = Console(highlight=False)
    console.print(f"[bold]{measure_title(plan.measure, plan.statistic)}[/] on {slice_title(plan.slice)}")
    for line in _known(plan):
        console.print(f"  {line}")
    console.print(_table(plan))
    console.print(f"  {percent(power)} power: so often an equal candidate passes; one-sided {percent(alpha)}")
    console.print(_curve(plan))


def _known(plan: Plan) -> list[str]:
    lines = [f"champion {number(plan.champion, plan.unit)}"]
    if plan.clusters is not None:
        lines[0] += f"; {count(plan.clusters, 'cluster')} tell {_size(plan.detectable, plan.unit)} apart"
    facts = []
    if plan.shared is not None:
        facts.append(f"{percent(round(plan.shared, 3))} of errors shared")
    if plan.design_effect is not None:
        facts.append(f"design effect {plan.design_effect:.2f}")
    return [*lines, *([", ".join(facts)] if facts else []), _cluster(plan.cluster, plan.measure)]


def _cluster(cluster: Cluster, measure: str) -> str:
    parts = [] if cluster.total is None else [f"{cluster.total:,.0f} {NAMES.get(measure, 'counts')}"]
    parts.append(f"{cluster.cases:,.1f} cases")
    if cluster.minutes is not None:
        parts.append(f"{cluster.minutes:,.1f} min of audio")
    return f"a cluster holds {', '.join(parts)}"


def _table(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 1))
    headings = ["margin", "", "clusters", "cases"]
    if plan.cluster.total is not None:
        headings.append(NAMES.get(plan.measure, "counts"))
    if plan.cluster.minutes is not None:
        headings.append("audio")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for need in plan.needs:
        table.add_row(need.asked, _size(need.margin, plan.unit), *_sizes(need, plan.cluster))
    return table


def _sizes(need: Need, cluster: Cluster) -> list[str]:
    found = [_grouped(need.clusters), _grouped(need.cases)]
    if cluster.total is not None:
        found.append(_grouped(need.total))
    if cluster.minutes is not None:
        found.append(_audio(need.minutes))
    return found


def _audio(minutes: int | None) -> str:
    if minutes is None:
        return NONE
    return f"{minutes} min" if minutes < 180 else f"{minutes / 60:,.1f} h"


def _grouped(value: int | None) -> str:
    return NONE if value is None else f"{value:,}"


def _size(value: float | None, unit: str) -> str:
    return difference(value, unit).lstrip("+")


def _curve(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 1))
    table.add_column("clusters", justify="right", no_wrap=True)
    table.add_column("tells apart", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    longest = max((size for _, size in plan.curve), default=0.0)
    for clusters, size in plan.curve:
        mark = " ◂ this run" if clusters == plan.clusters else ""
        bar = "█" * max(round(BAR * size / longest), 1) if longest else ""
        table.add_row(f"{clusters:,}", _size(size, plan.unit), bar + mark)
    return table

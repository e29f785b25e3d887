"""Tables of comparisons: all cases first, then slices by measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from harness.measures.catalogue import FAMILIES
from harness.results import ALL, Comparison, Outcome, Role, Run
from reports.charts.forest import ForestMark, forest
from reports.view.anchors import comparison_anchor
from reports.wording import (
    NBSP,
    NONE,
    count,
    difference,
    measure_family,
    measure_meaning,
    measure_title,
    number,
    outcome_word,
    percent,
    reason,
    slice_title,
)

STATISTICS = frozenset({"rate", "p50", "p95"})  # of slices that only inform; the others stay in comparisons.parquet
WORST_FIRST = (Outcome.FAIL, Outcome.HOLD, Outcome.PASS)
DECIDING = "What decides"
FEWEST_MARGINS, MOST_MARGINS = 2.5, 10.0  # how many margins a forest plot shows on either side


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison as a line of a table; every text is ready to print."""

    anchor: str
    title: str
    note: str  # the measure's meaning, in the table of measures
    gating: bool
    outcome: Outcome
    word: str
    superior: bool
    champion: str
    candidate: str
    difference: str
    interval: str
    bound: str
    margin: str
    mde: str
    noise: str
    cases: str
    clusters: str  # and failed sessions
    because: str  # what deserves a line of its own: why it did not pass, what was skipped; often empty
    reason: str
    chart: Markup | None  # None where there is no difference to draw


@dataclass(frozen=True, slots=True)
class Scale:
    """How wide the forest plot of a measure is."""

    margins: float | None  # in units of each row's own margin
    half: float  # of rows without one


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under one heading."""

    title: str
    rows: tuple[Row, ...]
    gating: int  # how many of them decide
    margins: str  # the policy's rules behind the margins; empty where it sets none


def measure_tables(run: Run) -> tuple[Table, ...]:
    """Every measure over all cases: first what decides, then the others by family."""
    chosen = [c for c in run.comparisons if c.slice == ALL]
    gating = [c for c in chosen if _gates(c)]
    families: dict[str, list[Comparison]] = {family: [] for family in FAMILIES}
    for c in chosen:
        if not _gates(c):
            families.setdefault(measure_family(c.measure), []).append(c)
    tables = [(DECIDING, gating), *families.items()]
    return tuple(_table(title, group, by_slice=False) for title, group in tables if group)


def slice_tables(run: Run) -> tuple[Table, ...]:
    """For each measure and statistic a table of its slices: gating ones first, then the most worrying.

    Of percentiles that do not gate only the middle and the tail are shown.
    """
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for c in run.comparisons:
        if c.slice != ALL and (_gates(c) or c.statistic in STATISTICS):
            groups.setdefault((c.measure, c.statistic), []).append(c)
    tables = [_table(measure_title(*key), sorted(group, key=_worry), by_slice=True) for key, group in groups.items()]
    return tuple(sorted(tables, key=lambda t: t.gating == 0))


def mark_of(c: Comparison, scale: Scale) -> ForestMark | None:
    """What the forest plot shows of a comparison.

    A row with a margin is drawn in units of it, so that all margins of a measure stand under each other.
    """
    if c.difference is None:
        return None
    return ForestMark(
        point=c.difference,
        lower=c.interval.lower if c.interval else None,
        upper=c.interval.upper if c.interval else None,
        bound=c.upper,
        margin=c.margin,
        noise=c.noise,
        half=scale.margins * c.margin if c.margin and scale.margins else scale.half,
    )


def _table(title: str, chosen: Sequence[Comparison], *, by_slice: bool) -> Table:
    rows = [_row(c, _scale(chosen, c), by_slice=by_slice) for c in chosen]
    return Table(title, tuple(_once(rows)), sum(row.gating for row in rows), _rules(chosen))


def _once(rows: Sequence[Row]) -> Iterator[Row]:
    """The meaning of a measure is said where it first stands."""
    said: set[str] = set()
    for row in rows:
        yield replace(row, note="") if row.note in said else row
        said.add(row.note)


def _rules(chosen: Iterable[Comparison]) -> str:
    rules: dict[str, list[str]] = {}
    for c in chosen:
        if c.margin_rule is not None:
            rules.setdefault(c.margin_rule, []).append(measure_title(c.measure, c.statistic))
    return "; ".join(f"{', '.join(dict.fromkeys(names))}: {rule}" for rule, names in rules.items())


def _row(c: Comparison, scale: Scale, *, by_slice: bool) -> Row:
    unit = c.unit
    mark = mark_of(c, scale)
    return Row(
        anchor=comparison_anchor(c),
        title=slice_title(c.slice) if by_slice else measure_title(c.measure, c.statistic),
        note="" if by_slice else measure_meaning(c.measure),
        gating=_gates(c),
        outcome=c.outcome,
        word=outcome_word(c),
        superior=c.superior,
        champion=number(c.champion, unit),
        candidate=number(c.candidate, unit),
        difference=difference(c.difference, unit),
        interval=_interval(c),
        bound=difference(c.upper, unit),
        margin=difference(c.margin, unit),
        mde=difference(c.mde, unit).lstrip("+"),
        noise=NONE if c.noise is None else "±" + difference(abs(c.noise), unit).lstrip("+"),
        cases=f"{c.units:,}",
        clusters=count(c.clusters, "cluster") + (f", {c.failed:,}{NBSP}failed" if c.failed else ""),
        because=_because(c),
        reason=reason(c),
        chart=None if mark is None else forest(mark, _in_words(c)),
    )


def _gates(c: Comparison) -> bool:
    return c.role is Role.GATING


def _worry(c: Comparison) -> tuple[int, float, float]:
    undefined = c.difference is None
    p = c.p_worse_adjusted if c.p_worse_adjusted is not None else 1.0
    rank = WORST_FIRST.index(c.outcome) if _gates(c) else len(WORST_FIRST)
    return (rank, 2.0 if undefined else p, -(c.difference or 0.0))


def _scale(chosen: Iterable[Comparison], like: Comparison) -> Scale:
    """One scale for all rows of a measure and statistic."""
    same = [c for c in chosen if (c.measure, c.statistic) == (like.measure, like.statistic)]
    within = [(_reach(c), c.margin) for c in same if c.margin]
    if not within:
        return Scale(None, 1.05 * max((_reach(c) for c in same), default=0.0) or 1.0)
    margins = min(max(FEWEST_MARGINS, *(1.05 * reach / margin for reach, margin in within)), MOST_MARGINS)
    return Scale(margins, margins * max(margin for _, margin in within))


def _reach(c: Comparison) -> float:
    """How far from zero the row goes."""
    ends = (c.interval.lower, c.interval.upper) if c.interval else (c.difference or 0.0,)
    return max(abs(end) for end in ends)


def _interval(c: Comparison) -> str:
    if c.interval is None:
        return NONE
    return f"{difference(c.interval.lower, c.unit)} … {difference(c.interval.upper, c.unit)}"


def _because(c: Comparison) -> str:
    wanting = c.difference is None or c.outcome is Outcome.HOLD or (_gates(c) and c.outcome is Outcome.FAIL)
    skipped = [f"{n:,} skipped: {why}" for why, n in sorted(c.skipped.items(), key=lambda item: -item[1])]
    return "; ".join([*([reason(c)] if wanting else []), *skipped])


def _in_words(c: Comparison) -> str:
    parts = [f"difference {difference(c.difference, c.unit)}"]
    if c.interval is not None:
        parts.append(f"{percent(c.interval.level)} interval {_interval(c)}")
    if c.margin is not None:
        parts.append(f"margin {difference(c.margin, c.unit)}")
    if c.noise is not None:
        parts.append(f"noise floor {difference(abs(c.noise), c.unit)}")
    return ", ".join(parts)

"""Latency as distributions: one figure for each delay that the run holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from harness.measures.catalogue import CATALOGUE
from harness.measures.counts import Delays
from harness.measures.times.histogram import EXACT_UP_TO, DelayHistogram
from harness.results import Arm, Run
from reports.charts.ecdf import Curve, Limit, ecdf
from reports.wording import arm_title, count

ORDER = ("final_latency", "partial_latency", "perceived_latency", "turn_latency", "first_partial", "ack_lag")
WORDS = frozenset({"final_latency", "partial_latency", "perceived_latency"})  # the others: by turn, case or packet
POINTS = 200  # a curve needs no more to look smooth
TAIL = 0.995  # the horizontal axis ends here, lest one straggler squeeze everything else
ARMS = (Arm.CHAMPION.value, Arm.CHAMPION_AGAIN.value, Arm.CANDIDATE.value)

Pooled = Delays | DelayHistogram


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One arm of a figure."""

    name: str  # class in the style sheet
    title: str
    text: str  # how many delays, and how many never ended


@dataclass(frozen=True, slots=True)
class LatencyFigure:
    """One figure with its legend."""

    title: str
    meaning: str
    chart: Markup
    legend: tuple[LegendEntry, ...]
    note: str  # what the picture leaves out; empty when nothing


def latency_figures(run: Run) -> tuple[LatencyFigure, ...]:
    """The figures of all delays that at least one arm has."""
    limit = _limit(run)
    found = []
    for measure in ORDER:
        pooled = {arm: delays for arm in ARMS if (delays := pool(run, arm, measure)).count}
        if any(_observed(delays) for delays in pooled.values()):
            found.append(_figure(measure, pooled, limit if measure == "final_latency" else None))
    return tuple(found)


def pool(run: Run, arm: str, measure: str) -> Pooled:
    """All delays of an arm: one by one, or in a histogram where they are so many that a picture cannot tell."""
    values = [u.measures[measure] for u in run.units if u.arm == arm and measure in u.measures]
    delays = [v for v in values if isinstance(v, Delays)]
    if sum(len(d.observed_ns) for d in delays) > EXACT_UP_TO:
        return sum((DelayHistogram.of(d) for d in delays), DelayHistogram())
    return Delays.of([ns for d in delays for ns in d.observed_ns], sum(d.censored for d in delays))


def curve_points(delays: Pooled) -> tuple[tuple[float, float], ...]:
    """At most ``POINTS`` points (seconds, share); words that never arrived count in the share's denominator."""
    n = _observed(delays)
    if not n:
        return ()
    ranks = range(n) if n <= POINTS else (round(k * (n - 1) / (POINTS - 1)) for k in range(POINTS))
    return tuple((_at(delays, r) / 1e9, (r + 1) / delays.count) for r in ranks)


def _observed(delays: Pooled) -> int:
    return delays.count - delays.censored


def _at(delays: Pooled, place: int) -> int:
    """The delay of a place in ascending order, 0 the shortest."""
    return delays.observed_ns[place] if isinstance(delays, Delays) else delays.at_rank(place + 1) or 0


def _beyond(delays: Pooled, ns: float) -> int:
    """How many arrived later."""
    if isinstance(delays, Delays):
        return sum(one > ns for one in delays.observed_ns)
    return sum(many for upper, many in zip(delays.upper_ns, delays.counts, strict=True) if upper > ns)


def _figure(measure: str, pooled: Mapping[str, Pooled], limit: Limit | None) -> LatencyFigure:
    lowest, highest = _domain(pooled, limit)
    beyond = sum(_beyond(delays, highest * 1e9) for delays in pooled.values())
    curves = tuple(Curve(arm, curve_points(delays)) for arm, delays in pooled.items())
    legend = tuple(LegendEntry(arm, arm_title(arm), _counted(measure, delays)) for arm, delays in pooled.items())
    info = CATALOGUE[measure]
    label = f"{info.title}: share that arrived within so many seconds, for {', '.join(e.title for e in legend)}"
    note = f"{count(beyond, 'delay')} beyond the right edge." if beyond else ""
    return LatencyFigure(info.title, info.meaning, ecdf(curves, lowest, highest, limit, label), legend, note)


def _domain(pooled: Mapping[str, Pooled], limit: Limit | None) -> tuple[float, float]:
    sizes = [(delays, n) for delays in pooled.values() if (n := _observed(delays))]
    lowest = min(0.0, min(_at(delays, 0) for delays, _ in sizes) / 1e9)
    highest = max(_at(delays, min(n - 1, int(TAIL * n))) for delays, n in sizes) / 1e9
    if limit is not None and limit.seconds < 2 * highest:
        highest = max(highest, limit.seconds)
    return lowest, max(highest, lowest + 1e-3) * 1.04


def _counted(measure: str, delays: Pooled) -> str:
    text = count(delays.count, "word" if measure in WORDS else "delay")
    return f"{text}, {delays.censored:,} never arrived" if delays.censored else text


def _limit(run: Run) -> Limit | None:
    """The promised max_delay, where all arms were asked for the same one."""
    promised = {value for arm in run.record.arms for value in _max_delays(arm.config)}
    if len(promised) != 1:
        return None
    seconds = promised.pop()
    return Limit(seconds, f"max_delay {seconds:g} s")


def _max_delays(config: Mapping[str, Any]) -> Iterator[float]:
    for key, value in config.items():
        if key == "max_delay" and isinstance(value, int | float):
            yield float(value)
        elif isinstance(value, Mapping):
            yield from _max_delays(value)

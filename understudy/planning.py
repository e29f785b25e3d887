"""How much evidence a margin needs: from a finished run, or from rates that somebody knows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.gate.evidence import Evidence, Units
from harness.gate.policy import Policy, statistic_key
from harness.measures.catalogue import CATALOGUE
from harness.measures.counts import Delays
from harness.results import ALL, Comparison, Run
from harness.statistics.power import Precision, difference_variance, shared_errors
from harness.statistics.ratio import standard_error
from testsets.case import Case
from understudy.errors import UsageError

RELATIVE = (0.02, 0.05, 0.10, 0.20)  # of the champion's value: what is planned where no margin is asked for
CURVE = tuple(2.0**step for step in range(-2, 7))  # times the evidence at hand


@dataclass(frozen=True, slots=True)
class Cluster:
    """What one cluster holds on average."""

    total: float | None  # of the denominator: words for "wer", seconds for "der"; None for delays
    cases: float
    minutes: float | None  # of audio; None where nobody says


@dataclass(frozen=True, slots=True)
class Need:
    """What one margin needs; every number is None where no amount of evidence would do."""

    margin: float  # absolute: a ratio, or seconds
    asked: str  # as it was asked for
    clusters: int | None
    cases: int | None
    total: int | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """One statistic on one slice: how exactly it is known, and what each margin needs."""

    measure: str
    statistic: str
    slice: str
    unit: str
    champion: float | None
    shared: float | None  # effective share of common errors; None where it is not known or not defined
    design_effect: float | None
    cluster: Cluster
    clusters: int | None  # at hand; None without a run
    detectable: float | None  # with the evidence at hand
    needs: tuple[Need, ...]
    curve: tuple[tuple[int, float], ...]  # clusters -> minimal detectable difference


@dataclass(frozen=True, slots=True)
class Rates:
    """What somebody knows of recognisers like theirs."""

    rate: float
    shared: float
    design_effect: float
    words_per_minute: float
    words_per_case: float
    words_per_cluster: float


def plan_run(
    run: Run, cases: Sequence[Case], policy: Policy, measures: Sequence[str], slice_name: str, margins: Sequence[str]
) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """Plan from a run: its own errors, clusters and audio, scaled.

    Args:
        run: finished.
        cases: of the run, for the length of their audio.
        policy: alpha, power and margins.
        measures: as a policy calls them ("wer", "final_latency.p95"); none means all that gate.
        slice_name: whose evidence is scaled.
        margins: "5%" of the champion's value, "0.5pp", "50ms"; none means the usual ones and the policy's own.

    Returns:
        The plans, and why others that gate could not be made.

    Raises:
        UsageError: the run has no such comparison, or nothing in it can be scaled.
    """
    found = [c for c in run.comparisons if c.slice == slice_name]
    wanted = measures or [_key(c) for c in found if c.margin is not None]
    by_key = {_key(c): c for c in found}
    for key in wanted:
        if key not in by_key:
            raise UsageError(f"the run has no {key!r} on {slice_name!r}; there are {', '.join(by_key) or 'none'}")
    if not wanted:
        raise UsageError(f"nothing gates on {slice_name!r} in this run; give --measure ({', '.join(by_key) or 'none'})")
    obstacles = {key: obstacle for key in wanted if (obstacle := _obstacle(by_key[key]))}
    left_out = tuple(f"{key} on {slice_name}: {obstacle}" for key, obstacle in obstacles.items())
    if len(obstacles) == len(wanted) or (measures and obstacles):
        raise UsageError(f"{left_out[0]}; plan from another run, or from --rate")
    plans = (_from_comparison(by_key[key], run, cases, policy, margins) for key in wanted if key not in obstacles)
    return tuple(plans), left_out


def plan_rates(rates: Rates, policy: Policy, margins: Sequence[str]) -> Plan:
    """Plan a test set for word errors without any run.

    Raises:
        UsageError: a margin cannot be read.
    """
    words = rates.words_per_cluster
    precision = Precision.of_rates(rates.rate, rates.shared, rates.design_effect, words)
    cluster = Cluster(words, words / rates.words_per_case, words / rates.words_per_minute)
    asked = [(_amount(text, rates.rate, "ratio"), text) for text in margins or _usual(rates.rate)]
    needs = tuple(_need(precision, cluster, policy, amount, text) for amount, text in asked)
    most = max((need.clusters for need in needs if need.clusters is not None), default=64)
    curve = _curve(precision, max(most // 8, 2), policy)
    return Plan(
        "wer", "rate", ALL, "ratio", rates.rate, rates.shared, rates.design_effect, cluster, None, None, needs, curve
    )


def _obstacle(c: Comparison) -> str | None:
    """Why a comparison cannot be scaled, or None where it can."""
    if c.mde is None or c.champion is None or c.clusters < 2:
        return "undefined in this run, so there is nothing to scale"
    if c.mde == 0:
        return "both sides did exactly alike in this run, which says nothing about a candidate that differs"
    return None


def _from_comparison(c: Comparison, run: Run, cases: Sequence[Case], policy: Policy, margins: Sequence[str]) -> Plan:
    if c.mde is None or c.champion is None:
        raise ValueError(f"{_key(c)}: nothing to scale")
    units = Units.of(run.units)
    case_ids = units.in_slice(c.slice)
    evidence = units.evidence(c.measure, case_ids)
    precision = Precision.of_detectable(c.mde, c.clusters, policy.alpha, policy.power)
    total = shared = effect = None
    if CATALOGUE[c.measure].value is not Delays:
        total = float(evidence.sums().table[:, 1].sum())
        shared, effect = _explained(c, precision.error**2 * total, evidence)
    cluster = Cluster(None if total is None else total / c.clusters, c.units / c.clusters, _minutes(cases, case_ids, c))
    own = [] if c.margin is None or margins else [(c.margin, "policy")]
    asked = [(_amount(text, c.champion, c.unit), text) for text in margins or _usual(c.champion)] + own
    return Plan(
        measure=c.measure,
        statistic=c.statistic,
        slice=c.slice,
        unit=c.unit,
        champion=c.champion,
        shared=shared,
        design_effect=effect,
        cluster=cluster,
        clusters=c.clusters,
        detectable=c.mde,
        needs=tuple(_need(precision, cluster, policy, *one) for one in asked),
        curve=_curve(precision, c.clusters, policy),
    )


def _explained(c: Comparison, variance: float, evidence: Evidence) -> tuple[float | None, float | None]:
    """Why the difference varies as it does: the share of common errors, and the design effect that is left.

    Where the run does not know which errors are common, the share is the one that explains how single cases differ,
    and the design effect is that of clusters over cases.
    """
    rate = (c.champion or 0.0) + (c.difference or 0.0) / 2
    if rate <= 0:
        return None, None
    if c.shared is not None:
        independent = difference_variance(rate, c.shared)
        return c.shared, variance / independent if independent else None
    sums = evidence.sums_by_case()
    apart = (standard_error(sums) or 0.0) ** 2 * float(sums.table[:, 1].sum())
    return shared_errors(apart, rate), variance / apart if apart else None


def _minutes(cases: Sequence[Case], case_ids: Sequence[str], c: Comparison) -> float | None:
    wanted = set(case_ids)
    seconds = sum(case.audio.samples / case.audio.rate for case in cases if case.id in wanted)
    return seconds / 60 / len(wanted) * c.units / c.clusters if seconds else None


def _need(precision: Precision, cluster: Cluster, policy: Policy, margin: float, asked: str) -> Need:
    clusters = precision.clusters_for(margin, policy.alpha, policy.power)
    if clusters is not None:
        clusters = max(clusters, policy.minimum.clusters, math.ceil(policy.minimum.units / cluster.cases))
    per_cluster = (cluster.cases, cluster.total, cluster.minutes)
    sizes = [None if clusters is None or each is None else math.ceil(each * clusters) for each in per_cluster]
    return Need(margin, asked, clusters, *sizes)


def _curve(precision: Precision, middle: int, policy: Policy) -> tuple[tuple[int, float], ...]:
    sizes = sorted({max(round(middle * times), 2) for times in CURVE})
    return tuple((size, precision.detectable(size, policy.alpha, policy.power)) for size in sizes)


def _usual(champion: float) -> list[str]:
    return [f"{100 * share:g}%" for share in RELATIVE] if champion > 0 else []


_UNITS: Mapping[str, tuple[str, float]] = {"pp": ("ratio", 0.01), "ms": ("s", 0.001)}


def _amount(text: str, champion: float, unit: str) -> float:
    """A margin as people write it, absolute."""
    plain = text.strip().replace(" ", "")
    for suffix, (wanted, scale) in _UNITS.items():
        if plain.endswith(suffix) and wanted != unit:
            kinds = {"ratio": "ratio: give pp", "s": "delay: give ms"}
            raise UsageError(f"--margin {text}: this measure is a {kinds.get(unit, 'factor')}, or a share of it in %")
        if plain.endswith(suffix):
            return _positive(plain.removesuffix(suffix), text) * scale
    if plain.endswith("%"):
        return _positive(plain.removesuffix("%"), text) / 100 * champion
    raise UsageError(f"--margin {text}: give 5% (of the champion's value), 0.5pp (percentage points) or 50ms")


def _positive(number: str, text: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise UsageError(f"--margin {text}: needs a number above 0, such as 5%, 0.5pp or 50ms")
    return value


def _key(c: Comparison) -> str:
    return statistic_key(c.measure, c.statistic)

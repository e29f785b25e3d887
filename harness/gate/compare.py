"""From units and a policy to comparisons: estimate, bounds, margin, noise floor, power and outcome of each."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.gate.evidence import Evidence, Units
from harness.gate.judge import adjust, judge
from harness.gate.matched import with_matched
from harness.gate.policy import Margin, Policy, statistic_key
from harness.measures.catalogue import CATALOGUE, MeasureInfo
from harness.measures.counts import Delays
from harness.results import ALL, Comparison, Interval, Outcome, Role, UnitResult
from harness.statistics.inference import Inference
from harness.statistics.matched import Segments
from harness.statistics.percentiles import NEVER, compare_percentiles
from harness.statistics.power import minimal_detectable
from harness.statistics.ratio import compare_ratios, one_rate

_LEVEL = 0.95  # of two-sided intervals
_NS = 1e-9  # delays are inferred in nanoseconds and read in seconds


@dataclass(frozen=True, slots=True)
class Estimate:
    """What inference says about one statistic; values in the unit in which they are read (ratio, seconds)."""

    champion: float | None
    candidate: float | None
    plain: Inference | None = None  # of candidate - champion
    weighted: Inference | None = None  # of candidate - (1 + relative margin) * champion, where that margin counts
    mirrored: Inference | None = None  # of candidate - (1 - relative margin) * champion, likewise
    noise: float | None = None
    champion_interval: Interval | None = None
    candidate_interval: Interval | None = None
    endless: bool = False  # the candidate's percentile lies among words never finalised, the champion's does not


def compare(
    units: Sequence[UnitResult],
    policy: Policy,
    rng: np.random.Generator,
    segments: Mapping[str, Segments] | None = None,
) -> tuple[Comparison, ...]:
    """Every comparison that the policy asks for, gating slices first, outcomes judged.

    Args:
        units: of all arms.
        policy: margins, slices, alpha, minimum evidence.
        rng: drawn from once; each comparison's draws depend on that and on its own name, so that adding a slice moves
            no other number.
        segments: case -> its matched segments, for MAPSSWE beside each comparison of "wer".
    """
    by_case, root = Units.of(units), int(rng.integers(2**63))
    measured = {name for unit in units for name in unit.measures} - {"pace"}
    known = [info for info in CATALOGUE.values() if info.statistics]
    infos = [info for info in known if info.name in measured or _demanded(info, policy)]
    found: list[tuple[Comparison, Estimate]] = []
    for name in by_case.slices([*policy.slices.gating, *policy.slices.diagnostic]):
        case_ids = by_case.in_slice(name)
        for info in infos:
            if not (info.sliced or name == ALL or _gates(info, name, policy)):
                continue
            evidence = by_case.evidence(info.name, case_ids)
            own = np.random.default_rng([root, zlib.crc32(f"{info.name} {name}".encode())])
            compared = _of_measure(info, name, evidence, policy, own)
            if info.name == "wer":
                compared = [(with_matched(c, evidence, case_ids, segments or {}), e) for c, e in compared]
            found += compared
    corrected = adjust([comparison for comparison, _ in found])
    endless = [estimate.endless for _, estimate in found]
    return tuple(judge(c, policy, never) for c, never in zip(corrected, endless, strict=True))


def _demanded(info: MeasureInfo, policy: Policy) -> bool:
    return any(key.partition(".")[0] == info.name and m.when_missing == "hold" for key, m in policy.margins.items())


def _gates(info: MeasureInfo, slice_name: str, policy: Policy) -> bool:
    return any(policy.margin(slice_name, statistic_key(info.name, s)) is not None for s in info.statistics)


def _of_measure(
    info: MeasureInfo, slice_name: str, evidence: Evidence, policy: Policy, rng: np.random.Generator
) -> list[tuple[Comparison, Estimate]]:
    margins = [policy.margin(slice_name, statistic_key(info.name, s)) for s in info.statistics]
    optional = all(margin is None or margin.when_missing == "skip" for margin in margins)
    if evidence.units == 0 and evidence.one_sided == 0 and optional:
        return []
    if info.value is Delays:
        estimates = _delay_estimates(info, evidence, policy, rng)
    else:
        estimates = [_ratio_estimate(evidence, margins[0], policy, rng)]
    found = []
    for statistic, margin, estimate in zip(info.statistics, margins, estimates, strict=True):
        found.append((_comparison(info, statistic, slice_name, evidence, margin, estimate, policy), estimate))
    return found


def _ratio_estimate(evidence: Evidence, margin: Margin | None, policy: Policy, rng: np.random.Generator) -> Estimate:
    sums = evidence.sums()
    champion, candidate = sums.rates()
    plain = compare_ratios(sums, rng, resamples=policy.resamples)
    if plain is None or champion is None:
        return Estimate(champion, candidate)
    weighted = mirrored = None
    if margin is not None and margin.relative is not None and margin.relative * champion >= (margin.absolute or 0.0):
        weighted = compare_ratios(sums, rng, weight=1 + margin.relative, resamples=policy.resamples)
        mirrored = compare_ratios(sums, rng, weight=1 - margin.relative, resamples=policy.resamples)
    again = evidence.again_rate()
    noise = None if again is None else abs(again - champion)
    sides = (_of_rate(one_rate(sums.table[:, :2])), _of_rate(one_rate(sums.table[:, 2:])))
    return Estimate(champion, candidate, plain, weighted, mirrored, noise, *sides)


def _delay_estimates(info: MeasureInfo, evidence: Evidence, policy: Policy, rng: np.random.Generator) -> list[Estimate]:
    qs = [int(statistic[1:]) / 100 for statistic in info.statistics]
    champion, candidate = evidence.delays()
    inferred = compare_percentiles(champion, candidate, qs, rng, resamples=policy.percentile_resamples, level=_LEVEL)
    again = evidence.again_delays()
    found = []
    for q, inference in zip(qs, inferred, strict=True):
        a, b = champion.percentile(q), candidate.percentile(q)
        if inference is None or a is None:
            endless = b == NEVER and a is not None and a != NEVER
            found.append(Estimate(_seconds(a), _seconds(b), endless=endless))
            continue
        noisy = again.percentile(q)
        noise = None if noisy is None or noisy == NEVER else abs(noisy - a) * _NS
        found.append(
            Estimate(
                champion=_seconds(a),
                candidate=_seconds(b),
                plain=_in_seconds(inference.difference),
                noise=noise,
                champion_interval=_side(inference.champion),
                candidate_interval=_side(inference.candidate),
            )
        )
    return found


def _comparison(
    info: MeasureInfo,
    statistic: str,
    slice_name: str,
    evidence: Evidence,
    margin: Margin | None,
    estimate: Estimate,
    policy: Policy,
) -> Comparison:
    plain, alpha = estimate.plain, policy.alpha
    allowed = None if margin is None or estimate.champion is None else _allowed(margin, estimate.champion)
    upper = None if plain is None else plain.upper(alpha)
    p_inferior = None if plain is None or allowed is None else plain.p_at_least(allowed)
    if estimate.weighted is not None and allowed is not None:
        # The bound of candidate - (1 + m) champion, moved by m champion: the bound that the margin is held against.
        upper, p_inferior = estimate.weighted.upper(alpha) + allowed, estimate.weighted.p_at_least(0.0)
    p_smaller = None if plain is None or allowed is None else plain.p_at_most(-allowed)
    if estimate.mirrored is not None:
        p_smaller = estimate.mirrored.p_at_most(0.0)
    return Comparison(
        measure=info.name,
        statistic=statistic,
        slice=slice_name,
        role=Role.DIAGNOSTIC if margin is None else Role.GATING,
        unit=info.unit,
        champion=estimate.champion,
        candidate=estimate.candidate,
        difference=None if plain is None else plain.estimate,
        upper=upper,
        interval=_interval(plain),
        champion_interval=estimate.champion_interval,
        candidate_interval=estimate.candidate_interval,
        margin=allowed,
        margin_rule=None if margin is None else margin.rule,
        mde=None if plain is None else _detectable(plain, policy),
        noise=estimate.noise,
        p_inferior=p_inferior,
        p_worse=None if plain is None else plain.p_at_most(0.0),
        p_worse_adjusted=None,
        units=evidence.units,
        clusters=evidence.clusters,
        skipped=evidence.skipped,
        failed=evidence.failed,
        method="none: too little evidence" if plain is None else plain.method,
        outcome=Outcome.HOLD,
        superior=False,
        reason="not judged yet",
        p_better=None if plain is None else plain.p_at_least(0.0),
        p_equivalent=None if p_inferior is None or p_smaller is None else max(p_inferior, p_smaller),
    )


def _allowed(margin: Margin, champion: float) -> float:
    absolute = (margin.absolute or 0.0) + (margin.absolute_ms or 0.0) / 1000
    return max(absolute, (margin.relative or 0.0) * champion)


def _interval(inference: Inference | None) -> Interval | None:
    if inference is None:
        return None
    tail = (1 - _LEVEL) / 2
    return Interval(inference.lower(tail), inference.upper(tail), _LEVEL)


def _of_rate(inference: Inference | None) -> Interval | None:
    """The interval of a rate, which is never below 0."""
    found = _interval(inference)
    return None if found is None else replace(found, lower=max(found.lower, 0.0))


def _side(bounds_ns: tuple[float, float] | None) -> Interval | None:
    return None if bounds_ns is None else Interval(bounds_ns[0] * _NS, bounds_ns[1] * _NS, _LEVEL)


def _detectable(plain: Inference, policy: Policy) -> float:
    return minimal_detectable(plain.error, plain.law.freedom, policy.alpha, policy.power)


def _in_seconds(inference: Inference) -> Inference:
    return replace(inference, estimate=inference.estimate * _NS, error=inference.error * _NS)


def _seconds(ns: float | None) -> float | None:
    return None if ns is None or ns == NEVER else ns * _NS

"""Which units bear on which comparison: paired by case, grouped by cluster, in slices."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.measures.catalogue import MeasureValue
from harness.measures.counts import Delays
from harness.measures.words.values import WordInformation
from harness.results import ALL, Arm, UnitResult
from harness.statistics.percentiles import ClusterDelays
from harness.statistics.ratio import ClusterSums


@dataclass(frozen=True, slots=True)
class Evidence:
    """The units of one measure on one slice that both sides have, by cluster; and who is not among them, and why."""

    champion: Mapping[str, Sequence[MeasureValue]]  # cluster -> values, clusters in the same order on both sides
    candidate: Mapping[str, Sequence[MeasureValue]]
    again: Mapping[str, Sequence[MeasureValue]]  # the A/A arm; empty unless it has all the same cases
    units: int
    skipped: Mapping[str, int]
    failed: int
    one_sided: int  # cases in which only one side has the measure

    @property
    def clusters(self) -> int:
        return len(self.champion)

    def sums(self) -> ClusterSums:
        """Errors and totals per cluster, for a ratio measure."""
        return ClusterSums(np.hstack([_totals(self.champion), _totals(self.candidate)]))

    def sums_by_case(self) -> ClusterSums:
        """As ``sums``, with each case its own cluster."""
        return ClusterSums(np.hstack([_totals(_apart(self.champion)), _totals(_apart(self.candidate))]))

    def delays(self) -> tuple[ClusterDelays, ClusterDelays]:
        """Delays of champion and candidate."""
        return _delays(self.champion), _delays(self.candidate)

    def again_rate(self) -> float | None:
        """The A/A arm's pooled rate."""
        errors, total = _totals(self.again).sum(axis=0)
        return float(errors / total) if total else None

    def again_delays(self) -> ClusterDelays:
        """The A/A arm's delays."""
        return _delays(self.again)


@dataclass(frozen=True, slots=True)
class Units:
    """The units of all arms by case."""

    champion: Mapping[str, UnitResult]
    candidate: Mapping[str, UnitResult]
    again: Mapping[str, UnitResult]

    @classmethod
    def of(cls, units: Iterable[UnitResult]) -> Units:
        by_arm: dict[str, dict[str, UnitResult]] = defaultdict(dict)
        for unit in units:
            by_arm[unit.arm][unit.case_id] = unit
        return cls(by_arm[Arm.CHAMPION], by_arm[Arm.CANDIDATE], by_arm[Arm.CHAMPION_AGAIN])

    def in_slice(self, name: str) -> list[str]:
        """The cases of a slice, in order; both sides' units of a case carry the case's tags."""
        if name == ALL:
            return list(self.champion)
        tag, _, value = name.partition("=")
        return [case_id for case_id, unit in self.champion.items() if unit.tags.get(tag) == value]

    def slices(self, wanted: Iterable[str]) -> list[str]:
        """Slice names from a policy's words: "all", a tag (each of its values), or "tag=value"."""
        names: dict[str, None] = {}
        for word in wanted:
            if word == ALL or "=" in word:
                names[word] = None
            else:
                values = {u.tags[word] for u in self.champion.values() if word in u.tags}
                names |= dict.fromkeys(f"{word}={value}" for value in sorted(values))
        return list(names)

    def evidence(self, measure: str, case_ids: Iterable[str]) -> Evidence:
        """Pair the sides.

        The measure ``disagreement`` (with the champion) has no champion's side; the A/A arm stands in for it, so that
        the candidate's disagreement is held against the champion's own with itself.
        """
        left = self.again if measure == "disagreement" else self.champion
        sides = _Sides(measure)
        for case_id in case_ids:
            sides.add(left.get(case_id), self.candidate.get(case_id), self.again.get(case_id))
        return sides.done()


class _Sides:
    """Collects one measure's units of both sides, and of the A/A arm, by cluster."""

    def __init__(self, measure: str) -> None:
        self.measure = measure
        self.champion: dict[str, list[MeasureValue]] = defaultdict(list)
        self.candidate: dict[str, list[MeasureValue]] = defaultdict(list)
        self.again: dict[str, list[MeasureValue]] = defaultdict(list)
        self.skipped: Counter[str] = Counter()
        self.units = self.failed = self.repeated = self.one_sided = 0

    def add(self, a: UnitResult | None, b: UnitResult | None, again: UnitResult | None) -> None:
        name = self.measure
        if a is None or b is None:
            self.skipped["no answer"] += 1
            return
        if name not in a.measures or name not in b.measures:
            without = b if name in a.measures else a
            self.skipped[without.skipped.get(name, "not measured")] += 1
            self.one_sided += name in a.measures or name in b.measures
            return
        self.units += 1
        self.failed += a.failure is not None or b.failure is not None
        self.champion[a.cluster].append(a.measures[name])
        self.candidate[a.cluster].append(b.measures[name])
        if again is not None and name in again.measures:
            self.repeated += 1
            self.again[a.cluster].append(again.measures[name])

    def done(self) -> Evidence:
        again = self.again if self.repeated == self.units else {}
        counts = (self.units, dict(self.skipped), self.failed, self.one_sided)
        return Evidence(self.champion, self.candidate, again, *counts)


def _totals(side: Mapping[str, Sequence[MeasureValue]]) -> np.ndarray:
    rows = []
    for values in side.values():
        ratios = [v for v in values if not isinstance(v, Delays | WordInformation)]
        rows.append([sum(v.errors / v.scale for v in ratios), sum(v.total / v.scale for v in ratios)])
    return np.array(rows, dtype=np.float64).reshape(len(rows), 2)


def _apart(side: Mapping[str, Sequence[MeasureValue]]) -> dict[str, Sequence[MeasureValue]]:
    values = [value for cluster in side.values() for value in cluster]
    return {str(i): [value] for i, value in enumerate(values)}


def _delays(side: Mapping[str, Sequence[MeasureValue]]) -> ClusterDelays:
    return ClusterDelays.of([[v for v in values if isinstance(v, Delays)] for values in side.values()])

"""Word error rates of strata, each with an interval over its clusters, and paired differences between arms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.recogniser.deciding import Heard
from benchmarks.recogniser.recordings import Recording
from harness.measures.counts import WordErrors
from harness.measures.words.alignment import Step
from harness.statistics.inference import Inference
from harness.statistics.ratio import ClusterSums, compare_ratios, one_rate

SEED = 5
_ALPHA = 0.025  # a side
TEST = "test, all"

Clusters = Mapping[str, WordErrors]  # cluster -> its counts


@dataclass(frozen=True, slots=True)
class Interval:
    """A rate, or a difference of rates, with its two-sided 95 % interval; None where it cannot be said."""

    point: float | None
    lower: float | None
    upper: float | None

    @classmethod
    def of(cls, found: Inference | None, point: float | None) -> Interval:
        """Read an inference."""
        return cls(point, None, None) if found is None else cls(point, found.lower(_ALPHA), found.upper(_ALPHA))

    def percent(self, digits: int = 1) -> str:
        """In percent, as a cell of a table; what Student's t leaves below 0 of a rate is cut off by ``rate``."""
        if self.point is None:
            return "undefined"
        text = f"{100 * self.point:.{digits}f}"
        if self.lower is None or self.upper is None:
            return text
        return f"{text} ({100 * self.lower:.{digits}f} to {100 * self.upper:.{digits}f})"


def by_stratum(heard: Iterable[Heard]) -> dict[str, dict[str, WordErrors]]:
    """Counts of every cluster of every stratum; the public test set also as a whole."""
    found: dict[str, dict[str, WordErrors]] = {}
    for one in heard:
        strata = [one.recording.stratum, *([TEST] if one.recording.set == "test" else [])]
        for cluster, errors in clusters_of(one).items():
            for stratum in strata:
                counts = found.setdefault(stratum, {})
                counts[cluster] = counts.get(cluster, WordErrors()) + errors
    return found


def clusters_of(heard: Heard) -> Clusters:
    """A recording's counts by cluster: its own, or its utterances' where it holds many."""
    if not heard.recording.parts:
        return {heard.recording.cluster: heard.errors}
    return divided(heard.recording, heard.steps())


def divided(recording: Recording, steps: Sequence[Step]) -> Clusters:
    """The errors of a long recording's utterances: an insertion counts where the reference word before it stands."""
    utterance = np.repeat(np.arange(len(recording.parts)), recording.parts)
    kinds: list[list[str]] = [[] for _ in recording.parts]
    at = 0
    for step in steps:
        at = step.reference if step.reference is not None else at
        kinds[utterance[at]].append(step.kind)
    return {
        f"{recording.cluster} {place}": WordErrors(
            found.count("substitute"), found.count("delete"), found.count("insert"), recording.parts[place]
        )
        for place, found in enumerate(kinds)
    }


def rate(counts: Clusters) -> Interval:
    """The pooled rate with its interval: Student's t over linearised cluster contributions."""
    table = np.array([[one.errors, one.total] for one in counts.values()], np.float64)
    found = Interval.of(one_rate(table), sum(counts.values(), WordErrors()).rate)
    return replace(found, lower=None if found.lower is None else max(found.lower, 0.0))


def difference(first: Clusters, second: Clusters) -> Interval:
    """Second - first, paired by cluster: bootstrap-t from 20 clusters on, else t.

    Raises:
        ValueError: the arms heard other recordings.
    """
    if first.keys() != second.keys():
        raise ValueError("paired arms must hear the same recordings")
    rows = [[first[key].errors, first[key].total, second[key].errors, second[key].total] for key in sorted(first)]
    sums = ClusterSums(np.array(rows, np.float64))
    before, after = sums.rates()
    point = None if before is None or after is None else after - before
    return Interval.of(compare_ratios(sums, np.random.default_rng(SEED)), point)

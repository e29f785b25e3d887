"""Measures of many pairs, summed as they come: for each measure the total, and errors and totals by cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from harness.measures.catalogue import CATALOGUE, RatioValue, measure_info
from harness.measures.counts import Delays
from harness.measures.words.values import WordInformation
from harness.scoring.pair import Taken

Counts = RatioValue | WordInformation


class Tally:
    """One measure so far; a million pairs leave a row a cluster and one sum."""

    def __init__(self, clusters: int) -> None:
        self.total: Counts | None = None
        self.scored = 0
        self.skipped: Counter[str] = Counter()
        self._sums = np.zeros((clusters, 2))
        self._present = np.zeros(clusters, bool)
        self._rated = True

    def add(self, value: Counts, cluster: int) -> None:
        """Take the value of one more pair."""
        self.total = value if self.total is None else self.total + value  # type: ignore[operator]
        self.scored += 1
        self._present[cluster] = True
        if isinstance(value, WordInformation):
            self._rated = False
        else:
            self._sums[cluster, 0] += value.errors / value.scale
            self._sums[cluster, 1] += value.total / value.scale

    @property
    def clusters(self) -> int:
        """How many clusters have a value."""
        return int(self._present.sum())

    @property
    def sums(self) -> np.ndarray | None:
        """(clusters, 2) errors and totals; None where counts do not add up to a rate."""
        return self._sums[self._present] if self._rated else None


class Tallies:
    """Every measure that any pair had."""

    def __init__(self, clusters: int) -> None:
        self._clusters = clusters
        self._found: dict[str, Tally] = {}
        self._without: Counter[tuple[str, str]] = Counter()
        self._pairs = 0

    def add(self, taken: Sequence[Taken], clusters: Sequence[int]) -> None:
        """Take one more block of pairs, each with the number of its cluster."""
        for one, cluster in zip(taken, clusters, strict=True):
            for name, value in one.measures.items():
                if not isinstance(value, Delays):
                    self._of(name).add(value, cluster)
            self._without.update(one.skipped.items())
        self._pairs += len(taken)

    def found(self) -> list[tuple[str, Tally]]:
        """Measures in the order of the catalogue, parts of one by name; pairs without are counted as skipped."""
        order = list(CATALOGUE)
        for (name, why), many in self._without.items():
            if name in self._found:
                self._found[name].skipped[why] += many
        for tally in self._found.values():
            silent = self._pairs - tally.scored - tally.skipped.total()
            if silent:
                tally.skipped["not measured"] += silent
        return sorted(self._found.items(), key=lambda item: (order.index(measure_info(item[0]).name), item[0]))

    def _of(self, name: str) -> Tally:
        if name not in self._found:
            self._found[name] = Tally(self._clusters)
        return self._found[name]

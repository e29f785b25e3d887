"""Delays of streams too long to keep one by one: a histogram of high dynamic range that adds up exactly."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from harness.measures.counts import Delays

if TYPE_CHECKING:
    from hdrh.histogram import HdrHistogram

EXACT_UP_TO = 1_000_000  # delays that are kept one by one; a tuple of more costs more than its exactness is worth
DIGITS = 3
RELATIVE_ERROR = 1 / 1024  # of a bucket at DIGITS: what a percentile may overstate
FURTHEST_NS = 24 * 3_600 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class DelayHistogram:
    """How many delays fell into each bucket, and how many never ended: those stand above every observed one.

    A bucket is known by its upper end, so that a percentile is never understated, and overstated by at most 1/1024 of
    its size. Sums are exact: the histogram of all is the sum of the histograms of the parts.

    Source: HdrHistogram (Tene), 3 significant digits, through hdrhistogram; negative delays are mirrored.
    """

    upper_ns: tuple[int, ...] = ()  # ascending
    counts: tuple[int, ...] = ()  # of each, none of them 0
    censored: int = 0

    def __add__(self, other: DelayHistogram) -> DelayHistogram:
        summed = Counter(dict(zip(self.upper_ns, self.counts, strict=True)))
        summed.update(dict(zip(other.upper_ns, other.counts, strict=True)))
        return _sorted(summed, self.censored + other.censored)

    @classmethod
    def of(cls, delays: Delays) -> DelayHistogram:
        """The histogram of delays that were kept one by one."""
        recorder = DelayRecorder()
        recorder.record(delays.observed_ns)
        return recorder.taken() + cls(censored=delays.censored)

    @property
    def count(self) -> int:
        return sum(self.counts) + self.censored

    def at_rank(self, rank: int) -> int | None:
        """The delay of a rank, 1 the shortest, to within its bucket's upper end; None among the censored.

        Raises:
            ValueError: there is no such rank.
        """
        if not 1 <= rank <= self.count:
            raise ValueError(f"rank {rank} of {self.count} delays; give 1 to {self.count}")
        sums = list(accumulate(self.counts))
        at = bisect_left(sums, rank)
        return self.upper_ns[at] if at < len(sums) else None


class DelayRecorder:
    """Takes delays as they come, in constant memory; ``taken`` gives the value of all so far."""

    def __init__(self) -> None:
        self._late, self._early = _new(), _new()
        self._censored = 0

    def record(self, delays_ns: Iterable[int]) -> None:
        """Take delays; one beyond a day counts as never ended, one of less than minus a day as minus a day."""
        for ns in delays_ns:
            if ns > FURTHEST_NS:
                self._censored += 1
            elif ns >= 0:
                self._late.record_value(ns)
            else:
                self._early.record_value(min(-ns, FURTHEST_NS))

    def censor(self, many: int = 1) -> None:
        """Take delays that never ended."""
        self._censored += many

    def taken(self) -> DelayHistogram:
        """The value of all delays so far."""
        summed: Counter[int] = Counter()
        for index, many in _filled(self._late):
            value = self._late.get_value_from_index(index)
            summed[int(self._late.get_highest_equivalent_value(value))] += many
        for index, many in _filled(self._early):
            summed[-int(self._early.get_value_from_index(index))] += many
        return _sorted(summed, self._censored)


def _new() -> HdrHistogram:
    from hdrh.histogram import HdrHistogram  # only where streams are long: most runs never need it

    return HdrHistogram(1, FURTHEST_NS, DIGITS)


def _filled(histogram: HdrHistogram) -> list[tuple[int, int]]:
    counts = np.ctypeslib.as_array(histogram.counts)
    return [(index, int(counts[index])) for index in np.flatnonzero(counts).tolist()]


def _sorted(summed: Counter[int], censored: int) -> DelayHistogram:
    ends = sorted(ns for ns, many in summed.items() if many)
    return DelayHistogram(tuple(ends), tuple(summed[ns] for ns in ends), censored)

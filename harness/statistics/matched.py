"""Tests of matched pairs: segments (MAPSSWE), clusters (sign test), sentences (McNemar). They show, and never decide.

Segments and sentences of one speaker are not independent, so MAPSSWE and McNemar are too sure of themselves wherever
speakers differ in how the change suits them; the gate's own bounds are over clusters. These are here because the field
reads them, and they are right where sclite's are not: sclite's sign test and McNemar multiply by R / 2 where a
continuity correction belongs (src/sclite/statdist.c), so that 14 wins against 16 come out at p = 0.0035 instead of
0.856, and its MAPSSWE declares a difference on a handful of segments.

Source: Gillick & Cox (ICASSP 1989) for MAPSSWE and McNemar in recognition; Dixon & Mood (JASA 1946) for the sign test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

MINIMUM_SEGMENTS = 20  # Student's t needs a mean that is about normal; fewer say nothing


@dataclass(frozen=True, slots=True)
class Segments:
    """Differences (candidate - champion) in errors over segments between words that both have right; they add up."""

    count: int = 0  # segments in which at least one side errs
    sum: int = 0
    squares: int = 0
    better: int = 0  # segments with fewer errors by the candidate
    worse: int = 0
    errors: int = 0  # of the champion
    common: int = 0  # of these, how many at whose place the candidate errs too

    def __add__(self, other: Segments) -> Segments:
        return Segments(
            self.count + other.count,
            self.sum + other.sum,
            self.squares + other.squares,
            self.better + other.better,
            self.worse + other.worse,
            self.errors + other.errors,
            self.common + other.common,
        )

    @property
    def shared(self) -> float | None:
        """The share of the champion's errors that the candidate repeats."""
        return self.common / self.errors if self.errors else None

    @classmethod
    def of(cls, differences: Sequence[int], errors: int = 0, common: int = 0) -> Segments:
        """One difference a segment, and the champion's errors, all and those at the candidate's places."""
        squares = sum(d * d for d in differences)
        better, worse = sum(d < 0 for d in differences), sum(d > 0 for d in differences)
        return cls(len(differences), sum(differences), squares, better, worse, errors, common)


def mapsswe(segments: Segments) -> float | None:
    """Two-sided p-value of the matched-pairs sentence-segment word error test.

    Student's t with n - 1 degrees of freedom, which is the normal law of the original for many segments.

    Returns:
        None with fewer than ``MINIMUM_SEGMENTS``, or where every segment differs equally.
    """
    n = segments.count
    if n < MINIMUM_SEGMENTS:
        return None
    scatter = n * segments.squares - segments.sum**2  # n (n - 1) times the variance, exact
    if scatter == 0:
        return 1.0 if segments.sum == 0 else None
    t = abs(segments.sum) * math.sqrt((n - 1) / scatter)
    return float(2 * special.stdtr(n - 1, -t))


def sign_test(wins: int, losses: int) -> float | None:
    """Exact two-sided p-value that wins and losses are equally likely; ties are left out, as Dixon and Mood do.

    Returns:
        None without any win or loss.
    """
    n = wins + losses
    return min(1.0, 2 * float(special.bdtr(min(wins, losses), n, 0.5))) if n else None


def mcnemar(only_first: int, only_second: int) -> float | None:
    """Exact two-sided p-value from the sentences that only one side has wholly right: the sign test of those."""
    return sign_test(only_first, only_second)

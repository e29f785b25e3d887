"""Both sides of a diarisation made ready by the rules of a dialect: what is compared, where, and who is whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from harness.measures.speakers.dialects import Dialect
from harness.measures.speakers.matching import Shared, best_pairs, shared_time
from harness.measures.speakers.region import Region
from harness.measures.speakers.spans import Spans, lasting
from testsets.transcript import SpeakerTurn


class Sides:
    """Turns of reference and hypothesis of one recording: all measures of speakers can be counted from one of these."""

    def __init__(
        self,
        reference: Sequence[SpeakerTurn],
        hypothesis: Sequence[SpeakerTurn],
        scored: Iterable[tuple[int, int]] | None,
        rate: int,
        dialect: Dialect,
    ) -> None:
        """Nothing is counted yet.

        Args:
            reference: turns in samples at ``rate``.
            hypothesis: likewise.
            scored: the UEM, samples at ``rate``; None for the region that the dialect scores without one.
            rate: samples per second.
            dialect: its convention, collar and overlap option.
        """
        self.rate, self.dialect = rate, dialect
        truth, guess = Spans.of_turns(reference), Spans.of_turns(hypothesis)
        self.evaluated = _extent(truth, guess, dialect) if scored is None else Region.of(Spans.of_pairs(scored))
        if dialect.convention.crops_first:
            truth, guess = (self.evaluated.crop(side.at_depth(1, join=False)) for side in (truth, guess))
        self.turns = (truth, guess)

    @cached_property
    def united(self) -> tuple[Spans, Spans]:
        """The turns, those of one speaker that overlap or touch made one."""
        return self.turns[0].at_depth(1), self.turns[1].at_depth(1)

    @cached_property
    def counted(self) -> tuple[Spans, Spans]:
        """The turns as the dialect counts a speaker who overlaps himself."""
        return self.turns if self.dialect.convention.counts_twice else self.united

    @cached_property
    def kept(self) -> Region:
        """What is scored: the evaluated region without collars and skipped overlap."""
        truth, half = self.turns[0], self.dialect.half_collar(self.rate)
        kept = self.evaluated
        if half:
            boundaries = np.concatenate([truth.start, truth.end])
            kept = kept.without(lasting(boundaries - half, boundaries + half))
        if self.dialect.skip_overlap:
            turns = truth if self.dialect.convention.own_overlap else self.united[0]
            kept = kept.without(turns.united().at_depth(2))
        return kept

    @cached_property
    def scored(self) -> tuple[Spans, Spans]:
        """The counted turns on the clock of what is scored."""
        return self.kept.on_clock(self.counted[0]), self.kept.on_clock(self.counted[1])

    @cached_property
    def pairs(self) -> Shared:
        """Who is whom."""
        if not self.dialect.convention.maps_first:
            return best_pairs(shared_time(*self.scored))
        return best_pairs(shared_time(*(self.evaluated.on_clock(side) for side in self.counted)))


def _extent(reference: Spans, hypothesis: Spans, dialect: Dialect) -> Region:
    turns = [reference] if dialect.convention.scores == "reference" else [reference, hypothesis]
    start, end = (np.concatenate([getattr(side, at) for side in turns]) for at in ("start", "end"))
    return Region(start[:0], end[:0]) if not len(start) else Region(start.min(keepdims=True), end.max(keepdims=True))

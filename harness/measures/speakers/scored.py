"""Both sides of a diarisation made ready by the rules of a dialect: what is compared, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.measures.speakers.dialects import Dialect
from harness.measures.speakers.region import Region
from harness.measures.speakers.spans import Spans, lasting
from testsets.transcript import SpeakerTurn


@dataclass(frozen=True, slots=True)
class Sides:
    """Turns of reference and hypothesis, the region they are evaluated in, and the part of it that is scored."""

    reference: Spans
    hypothesis: Spans
    evaluated: Region  # the UEM
    kept: Region  # without collars and skipped overlap


def sides(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    scored: Iterable[tuple[int, int]] | None,
    rate: int,
    dialect: Dialect,
) -> Sides:
    """Make two diarisations ready.

    Args:
        reference: turns in samples at ``rate``.
        hypothesis: likewise.
        scored: the UEM, samples at ``rate``; None for the region that the dialect scores without one.
        rate: samples per second.
        dialect: its convention, collar and overlap option.
    """
    truth, guess = Spans.of_turns(reference), Spans.of_turns(hypothesis)
    region = _extent(truth, guess, dialect) if scored is None else Region.of(Spans.of_pairs(scored))
    if dialect.convention.crops_first:
        truth, guess = (region.crop(side.at_depth(1, join=False)) for side in (truth, guess))
    kept = region.without(_collars(truth, dialect.half_collar(rate)))
    if dialect.skip_overlap:
        turns = truth if dialect.convention.own_overlap else truth.at_depth(1)
        kept = kept.without(turns.united().at_depth(2))
    return Sides(truth, guess, region, kept)


def _extent(reference: Spans, hypothesis: Spans, dialect: Dialect) -> Region:
    turns = [reference] if dialect.convention.scores == "reference" else [reference, hypothesis]
    start, end = (np.concatenate([getattr(side, at) for side in turns]) for at in ("start", "end"))
    return Region(start[:0], end[:0]) if not len(start) else Region(start.min(keepdims=True), end.max(keepdims=True))


def _collars(reference: Spans, half: int) -> Spans:
    boundaries = np.concatenate([reference.start, reference.end])
    return lasting(boundaries - half, boundaries + half)

"""Jaccard error rate (JER): how much of each reference speaker is not shared with the one he is mapped to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.measures.speakers.dialects import Dialect
from harness.measures.speakers.matching import Shared, best_pairs, shared_time
from harness.measures.speakers.region import Region
from harness.measures.speakers.sides import Sides
from harness.measures.speakers.spans import Integers, Spans, lasting
from testsets.transcript import SpeakerTurn

WHOLE = 1_000_000_000  # parts of one speaker: the rate is exact to half of one


@dataclass(frozen=True, slots=True)
class JaccardErrors:
    """Jaccard errors of reference speakers, summed; the rate is the Jaccard error rate (JER), a mean over speakers."""

    billionths: int = 0  # of a speaker that are in error
    speakers: int = 0  # reference speakers with scored speech

    def __add__(self, other: JaccardErrors) -> JaccardErrors:
        return JaccardErrors(self.billionths + other.billionths, self.speakers + other.speakers)

    @property
    def errors(self) -> int:
        return self.billionths

    @property
    def total(self) -> int:
        return WHOLE * self.speakers

    @property
    def scale(self) -> int:
        return WHOLE

    @property
    def rate(self) -> float | None:
        return self.billionths / self.total if self.speakers else None


def jaccard_errors(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    scored: Iterable[tuple[int, int]] | None,
    rate: int,
    dialect: Dialect,
) -> JaccardErrors:
    """One minus the Jaccard index of each reference speaker with the hypothesis speaker he is mapped to, one to one.

    A speaker mapped to nobody is in error as a whole. Speech of a speaker who overlaps himself counts once.

    Args:
        reference: turns in samples at ``rate``.
        hypothesis: likewise.
        scored: the UEM, samples at ``rate``; None for the region that the dialect scores without one.
        rate: samples per second.
        dialect: how speakers are mapped, whether collars count, and whether time is samples or frames. NIST knows no
            JER; its dialect takes ours.

    Raises:
        EvidenceError: so many turns are at the same time that no speech can be meant.

    Source: Ryant et al., Second DIHARD Challenge evaluation plan; nryant/dscore; pyannote.metrics 4.2.
    """
    return jaccard_of(Sides(reference, hypothesis, scored, rate, dialect))


def jaccard_of(sides: Sides) -> JaccardErrors:
    """As ``jaccard_errors``, of sides that are ready."""
    rules, rate = sides.dialect.convention, sides.rate
    region, turns = sides.kept if rules.jaccard_collar else sides.evaluated, sides.united
    if frame_ms := rules.jaccard_frame_ms:
        region = _framed_region(region, frame_ms, rate)
        turns = (_framed(turns[0], frame_ms, rate), _framed(turns[1], frame_ms, rate))
    truth, guess = region.on_clock(turns[0]), region.on_clock(turns[1])
    spoken, heard, shared = truth.totals(), guess.totals(), shared_time(truth, guess)
    if rules.jaccard_pairs == "index":
        union = spoken[shared.reference] + heard[shared.hypothesis] - shared.time
        pairs = best_pairs(shared, shared.time / union)
    else:
        pairs = sides.pairs
    return _summed(pairs, shared.within(pairs), spoken, heard)


def _summed(pairs: Shared, together: Integers, spoken: Integers, heard: Integers) -> JaccardErrors:
    speakers = int(np.count_nonzero(spoken))
    errors = (speakers - len(pairs.time)) * WHOLE
    either = spoken[pairs.reference] + heard[pairs.hypothesis] - together
    for common, union in zip(together.tolist(), either.tolist(), strict=True):  # WHOLE times a time may need 64 bits
        errors += (2 * WHOLE * (union - common) + union) // (2 * union)
    return JaccardErrors(errors, speakers)


def _framed(spans: Spans, frame_ms: int, rate: int) -> Spans:
    """In frames: one is a speaker's if it starts in a turn of his."""
    return lasting(_frame(spans.start, frame_ms, rate), _frame(spans.end, frame_ms, rate), spans.owner, spans.owners)


def _framed_region(region: Region, frame_ms: int, rate: int) -> Region:
    """In frames; the last one must be whole."""
    whole = int(region.end.max(initial=0)) * 1000 // (frame_ms * rate)
    start, end = (np.minimum(_frame(time, frame_ms, rate), whole) for time in (region.start, region.end))
    return Region.of(lasting(start, end))


def _frame(time: Integers, frame_ms: int, rate: int) -> Integers:
    """The first frame that starts at a time or after it."""
    frames: Integers = -(-time * 1000 // (frame_ms * rate))
    return frames

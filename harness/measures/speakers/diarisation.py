"""Diarisation error as integer samples: missed, false and confused speech, in the dialect asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from harness.measures.counts import SpeakerErrors
from harness.measures.speakers.dialects import Dialect
from harness.measures.speakers.matching import shared_time
from harness.measures.speakers.region import Region
from harness.measures.speakers.sides import Sides
from harness.measures.speakers.spans import Spans, lasting
from testsets.transcript import SpeakerTurn, Word

__all__ = ["ANONYMOUS", "Dialect", "Regions", "errors_of", "speaker_errors", "turns_of_words"]

ANONYMOUS = "UU"  # the speaker of words that name none: one anonymous speaker

Regions = Literal["all", "overlap", "nonoverlap", "single"]
_SPEAKERS: dict[Regions, tuple[int, float]] = {  # at least and at most so many reference speakers at once
    "all": (0, np.inf),
    "overlap": (2, np.inf),
    "nonoverlap": (0, 1),
    "single": (1, 1),
}


def turns_of_words(words: Iterable[Word], rate: int, dialect: Dialect) -> tuple[SpeakerTurn, ...]:
    """Speaker turns of recognised words; a word without times is no turn, one without a speaker is ANONYMOUS."""
    gap = dialect.join_gap_ms * rate // 1000
    by_speaker: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for word in words:
        if word.start is not None and word.end is not None:
            by_speaker[word.speaker or ANONYMOUS].append((word.start, word.end))
    return tuple(
        SpeakerTurn(speaker, start, end) for speaker, spans in by_speaker.items() for start, end in _joined(spans, gap)
    )


def speaker_errors(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    scored: Iterable[tuple[int, int]] | None,
    rate: int,
    dialect: Dialect,
    *,
    regions: Regions = "all",
) -> SpeakerErrors:
    """Count missed, false and confused speech.

    Args:
        reference: turns in samples at ``rate``.
        hypothesis: likewise.
        scored: the UEM, samples at ``rate``; None for the region that the dialect scores without one.
        rate: samples per second.
        dialect: convention, collar and overlap option.
        regions: count only where the reference has two or more speakers (overlap), at most one (nonoverlap), or one
            (single). Speakers are mapped over all regions, so the counts of overlap and nonoverlap add up to all.

    Raises:
        EvidenceError: so many turns are at the same time that no speech can be meant.

    Source: NIST RT-09 evaluation plan; Bredin, pyannote.metrics (Interspeech 2017).
    """
    return errors_of(Sides(reference, hypothesis, scored, rate, dialect), regions)


def errors_of(sides: Sides, regions: Regions = "all") -> SpeakerErrors:
    """As ``speaker_errors``, of sides that are ready."""
    truth, guess = sides.scored
    if regions != "all":
        part = _where_speakers(truth, guess, *_SPEAKERS[regions])
        truth, guess = part.on_clock(truth), part.on_clock(guess)
    speech, missed = int(truth.length.sum()), _missed(truth, guess)
    both = speech - missed
    return SpeakerErrors(
        missed=missed,
        false_alarm=int(guess.length.sum()) - both,
        confusion=both - _correct(truth, guess, sides),
        speech=speech,
        sample_rate=sides.rate,
    )


def _correct(truth: Spans, guess: Spans, sides: Sides) -> int:
    """Time in which both of a pair speak; counted twice, the lesser of how often each does."""
    rules = sides.dialect.convention
    if not rules.counts_twice:
        mapped_here = truth is sides.scored[0] and not rules.maps_first
        return int((sides.pairs.time if mapped_here else shared_time(truth, guess).within(sides.pairs)).sum())
    found, depth = 0, 1
    while len((said := truth.at_depth(depth)).owner) and len((heard := guess.at_depth(depth)).owner):
        found += int(shared_time(said, heard).within(sides.pairs).sum())
        depth += 1
    return found


def _missed(truth: Spans, guess: Spans) -> int:
    """Time of reference speakers beyond the number of hypothesis speakers."""
    time = np.concatenate([truth.start, truth.end, guess.start, guess.end])
    order = np.argsort(time, kind="stable")
    more = np.cumsum(np.repeat([1, -1, -1, 1], [len(truth.start)] * 2 + [len(guess.start)] * 2)[order])
    return int((np.maximum(more[:-1], 0) * np.diff(time[order])).sum())


def _where_speakers(truth: Spans, guess: Spans, least: int, most: float) -> Region:
    """Where the number of reference speakers lies between two limits."""
    last = max(int(side.end.max(initial=0)) for side in (truth, guess))
    time = np.concatenate([truth.start, truth.end, [0, last]])
    order = np.argsort(time, kind="stable")
    speakers = np.cumsum(np.repeat([1, -1, 0], [len(truth.start)] * 2 + [2])[order])[:-1]
    chosen = (least <= speakers) & (speakers <= most)
    time = time[order]
    return Region.of(lasting(time[:-1][chosen], time[1:][chosen]))


def _joined(spans: Iterable[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined

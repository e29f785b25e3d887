"""Diarisation error as integer samples, by one sweep over all boundaries.

Dialect (stated, because tools differ): the scored region is the UEM, or the whole audio; speakers are mapped one to one
so that the agreed time is largest, after collars are removed (as pyannote.metrics does, unlike md-eval); a collar is
the half-width on each side of every reference boundary (NIST's meaning; pyannote's ``collar`` is twice that);
overlapping turns of one speaker count once (as md-eval does, unlike pyannote).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.measures.counts import SpeakerErrors
from testsets.transcript import SpeakerTurn, Word

ANONYMOUS = "UU"  # the speaker of words that name none: one anonymous speaker


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which convention a DER follows; widths in milliseconds, so that one dialect serves every sample rate."""

    collar_ms: int = 0  # on each side of a reference boundary
    skip_overlap: bool = False  # leave out regions where the reference has more than one speaker
    join_gap_ms: int = 500  # words of one speaker with at most this gap make one turn

    @property
    def signature(self) -> str:
        overlap = "single" if self.skip_overlap else "all"
        return f"map-after-collar,collar{self.collar_ms}ms,overlap-{overlap},join{self.join_gap_ms}ms"


def turns_of_words(words: Iterable[Word], rate: int, dialect: Dialect) -> tuple[SpeakerTurn, ...]:
    """Speaker turns of recognised words; a word without times is no turn, one without a speaker is ANONYMOUS."""
    gap = dialect.join_gap_ms * rate // 1000
    by_speaker: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for word in words:
        if word.start is not None and word.end is not None:
            by_speaker[word.speaker or ANONYMOUS].append((word.start, word.end))
    return tuple(
        SpeakerTurn(speaker, start, end) for speaker, spans in by_speaker.items() for start, end in _merge(spans, gap)
    )


def speaker_errors(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    scored: Sequence[tuple[int, int]],
    rate: int,
    dialect: Dialect,
) -> SpeakerErrors:
    """Count missed, false and confused speech.

    Args:
        reference: turns in samples at ``rate``.
        hypothesis: likewise.
        scored: the regions to score, samples at ``rate``.
        rate: samples per second.
        dialect: collar and overlap convention.

    Source: NIST RT-09 evaluation plan; Bredin, pyannote.metrics (Interspeech 2017).
    """
    from scipy.optimize import linear_sum_assignment  # slow to load, and most test sets name no speakers

    edges, keep = _regions(reference, hypothesis, scored, dialect.collar_ms * rate // 1000)
    truth, guess = _activity(reference, edges), _activity(hypothesis, edges)
    said, heard = truth.sum(axis=0), guess.sum(axis=0)
    if dialect.skip_overlap:
        keep = keep & (said <= 1)
    length = np.where(keep, np.diff(edges), 0)
    agreed = (truth * length) @ guess.T  # samples in which reference speaker i and hypothesis speaker j both speak
    correct = int(agreed[linear_sum_assignment(-agreed)].sum())
    both = int((np.minimum(said, heard) * length).sum())
    return SpeakerErrors(
        missed=int((np.maximum(said - heard, 0) * length).sum()),
        false_alarm=int((np.maximum(heard - said, 0) * length).sum()),
        confusion=both - correct,
        speech=int((said * length).sum()),
        sample_rate=rate,
    )


def _merge(spans: Iterable[tuple[int, int]], gap: int = 0) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] <= gap:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _regions(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    scored: Sequence[tuple[int, int]],
    collar: int,
) -> tuple[np.ndarray, np.ndarray]:
    """All boundaries in order, and which of the regions between them are scored."""
    own = _merge(scored)
    boundaries = {t for turn in reference for t in (turn.start, turn.end)} if collar else set()
    collars = _merge((b - collar, b + collar) for b in boundaries)
    points = {t for spans in (own, collars) for span in spans for t in span}
    points |= {t for turns in (reference, hypothesis) for turn in turns for t in (turn.start, turn.end)}
    edges = np.array(sorted(points), dtype=np.int64)
    keep = _cover(own, edges) & ~_cover(collars, edges)
    return edges, keep


def _cover(spans: Sequence[tuple[int, int]], edges: np.ndarray) -> np.ndarray:
    bounds = np.array(spans, dtype=np.int64).reshape(len(spans), 2)
    depth = np.zeros(len(edges), dtype=np.int64)
    np.add.at(depth, np.searchsorted(edges, bounds[:, 0]), 1)
    np.add.at(depth, np.searchsorted(edges, bounds[:, 1]), -1)
    covered: np.ndarray = np.cumsum(depth)[:-1] > 0
    return covered


def _activity(turns: Sequence[SpeakerTurn], edges: np.ndarray) -> np.ndarray:
    """One row a speaker, one column a region: 1 where the speaker speaks."""
    by_speaker: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for turn in turns:
        by_speaker[turn.speaker].append((turn.start, turn.end))
    rows = [_cover(_merge(spans), edges) for spans in by_speaker.values()]
    return np.array(rows, dtype=np.int64).reshape(len(rows), max(len(edges) - 1, 0))

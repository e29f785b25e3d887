"""Errors in names rather than in time: how many speakers were found, and how often one of them changed his label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from harness.measures.counts import Share
from harness.measures.speakers.dialects import Dialect
from harness.measures.speakers.sides import Sides
from harness.measures.speakers.spans import Integers, Spans
from testsets.transcript import SpeakerTurn

LEAST_MS = 250  # a shorter stretch is a boundary placed a little early or late, not a change of label


def speaker_count_error(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    scored: Iterable[tuple[int, int]] | None,
    rate: int,
    dialect: Dialect,
) -> Share:
    """Speakers too many or too few, of the reference's speakers; both counted within the UEM.

    Args:
        reference: turns in samples at ``rate``.
        hypothesis: likewise.
        scored: the UEM, samples at ``rate``; None for the region that the dialect scores without one.
        rate: samples per second.
        dialect: only its region matters: collars hide no speaker.

    Source: pyannote.metrics 4.2, DiarizationSpeakerCountError (there a mean over files, not a share of speakers).
    """
    return count_error_of(Sides(reference, hypothesis, scored, rate, dialect))


def count_error_of(sides: Sides) -> Share:
    """As ``speaker_count_error``, of sides that are ready."""
    said, heard = (len(np.unique(side.owner)) for side in _evaluated(sides))
    return Share(abs(heard - said), said)


def label_switches(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    scored: Iterable[tuple[int, int]] | None,
    rate: int,
    dialect: Dialect,
    *,
    least_ms: int = LEAST_MS,
) -> Share:
    """How often a speaker's label changed, of his turns.

    A label is heard where one reference speaker and one hypothesis speaker speak alone for ``least_ms`` or longer. A
    switch is a label of a reference speaker that differs from his last one, within a turn or from one to another: it
    needs no mapping, and the same wrong label throughout is none. The total is the number of the reference's turns,
    so that it does not depend on what was recognised; several switches in one turn all count.

    Args:
        reference: turns in samples at ``rate``.
        hypothesis: likewise.
        scored: the UEM, samples at ``rate``; None for the region that the dialect scores without one.
        rate: samples per second.
        dialect: only its region matters; ``least_ms`` stands in for the collar.
        least_ms: shortest stretch in which a label counts as heard.

    Source: Bernardin and Stiefelhagen, CLEAR MOT (2008): mismatches, there per object and frame.
    """
    return switches_of(Sides(reference, hypothesis, scored, rate, dialect), least_ms)


def switches_of(sides: Sides, least_ms: int = LEAST_MS) -> Share:
    """As ``label_switches``, of sides that are ready."""
    truth, guess = _evaluated(sides)
    speaker, label, length = _alone(truth, guess)
    heard = length * 1000 >= least_ms * sides.rate
    speaker, label = speaker[heard], label[heard]
    order = np.argsort(speaker, kind="stable")
    speaker, label = speaker[order], label[order]
    switched = (speaker[1:] == speaker[:-1]) & (label[1:] != label[:-1])
    return Share(int(switched.sum()), len(truth.owner))


def _evaluated(sides: Sides) -> tuple[Spans, Spans]:
    return sides.evaluated.crop(sides.united[0]), sides.evaluated.crop(sides.united[1])


def _alone(truth: Spans, guess: Spans) -> tuple[Integers, Integers, Integers]:
    """Stretches in order with one speaker on each side: who, as whom, for how long."""
    time = np.concatenate([truth.start, truth.end, guess.start, guess.end])
    order = np.argsort(time, kind="stable")
    length = np.diff(time[order])
    sizes = [len(truth.start)] * 2 + [len(guess.start)] * 2
    sign = np.repeat([1, -1, 1, -1], sizes)
    said = np.repeat([1, 1, 0, 0], sizes)
    owner = np.concatenate([truth.owner, truth.owner, guess.owner, guess.owner])

    def level(weight: Integers) -> Integers:
        return np.cumsum((sign * weight)[order])[:-1]

    alone = (level(said) == 1) & (level(1 - said) == 1) & (length > 0)
    return level(said * owner)[alone], level((1 - said) * owner)[alone], length[alone]  # a sum of one is that one

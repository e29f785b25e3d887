"""Lays the turns of two speakers on one time line, with pauses between them and speech over speech."""

from __future__ import annotations

import numpy as np

from testsets.synthesis.conditions import Samples
from testsets.transcript import SpeakerTurn

LEAD_S = 0.2  # silence before the first turn and after the last
PAUSE_S = (0.15, 0.45)
OVERLAP_S = (0.5, 1.0)
LARGEST_OVERLAP = 0.45  # of the shorter of two turns, so that three never speak at once


def converse(
    spoken: list[tuple[str, Samples]], rate: int, rng: np.random.Generator
) -> tuple[Samples, tuple[SpeakerTurn, ...]]:
    """Mix turns; every second one starts before the one in front of it has ended.

    Args:
        spoken: speaker and samples, shape (n,), of each turn in order.
        rate: samples per second of all turns.
        rng: draws pauses and overlaps.

    Returns:
        The mixture, and where each turn lies in it.
    """
    lead = round(LEAD_S * rate)
    turns: list[SpeakerTurn] = []
    start = lead
    for place, (speaker, samples) in enumerate(spoken):
        if place % 2 == 1:
            before = spoken[place - 1][1].size
            overlap = min(rng.uniform(*OVERLAP_S) * rate, LARGEST_OVERLAP * min(before, samples.size))
            start -= round(overlap)
        elif place > 0:
            start += round(rng.uniform(*PAUSE_S) * rate)
        turns.append(SpeakerTurn(speaker, start, start + samples.size))
        start += samples.size
    mixture = np.zeros(turns[-1].end + lead, np.float32)
    for turn, (_, samples) in zip(turns, spoken, strict=True):
        mixture[turn.start : turn.end] += samples
    return mixture, tuple(turns)

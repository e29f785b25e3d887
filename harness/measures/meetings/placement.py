"""Word errors when each utterance of one side goes to the cheapest speaker of the other: ORC-WER and DI-cpWER."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.measures.counts import WordErrors
from harness.measures.meetings.meeting import Meeting, Side, by_speaker, without_times
from harness.measures.meetings.pairing import paired_errors
from harness.measures.meetings.permutation import NOBODY, matching
from harness.measures.meetings.values import Placed
from kernels.utterance_assignment import EXACT_CELLS, cheapest


def reference_placed(meeting: Meeting, *, timed: bool, effort: float = EXACT_CELLS) -> Placed:
    """Errors once every reference utterance is put on the cheapest hypothesis speaker: wrong speakers cost nothing.

    Args:
        timed: words may be paired only within the collar (tcORC-WER); the meeting must have times.
        effort: most cells of the exact dynamic programme; beyond it a search answers.

    Source: Sklyar et al., "Multi-turn RNN-T for streaming recognition of multi-party speech" (ICASSP 2022).
    """
    return _placed(meeting, "reference", timed, effort)


def hypothesis_placed(meeting: Meeting, *, timed: bool, effort: float = EXACT_CELLS) -> Placed:
    """Errors once every hypothesis utterance is put on the cheapest reference speaker: diarisation costs nothing.

    Args:
        timed: words may be paired only within the collar (DI-tcpWER); the meeting must have times.
        effort: most cells of the exact dynamic programme; beyond it a search answers.

    Source: meeteval, ``di_cp`` ("diarisation-invariant cpWER").
    """
    return _placed(meeting, "hypothesis", timed, effort)


def places_of(meeting: Meeting, placed: Placed) -> NDArray[np.int64]:
    """(U,) the speaker's number of each utterance of the moved side that has words, in order; -1 for nobody."""
    mover, target = _sides(meeting, placed.moved)
    numbers: dict[str | None, int] = {speaker: number for number, speaker in enumerate(target.speakers)}
    return np.array([numbers.get(placed.speakers[place], -1) for place in mover.places], np.int64)


def _placed(meeting: Meeting, moved: str, timed: bool, effort: float) -> Placed:
    mover, target = _sides(meeting, moved)
    places, exact = _choice(meeting, moved, timed, effort)
    errors = WordErrors()
    for number in range(-1, len(target.speakers)):
        own, others = places == number, target.speaker_of == number
        said, heard = (own, others) if moved == "reference" else (others, own)
        errors += paired_errors(meeting, said, heard, timed=timed)
    speakers: list[str | None] = [None] * mover.given
    for place, number in zip(mover.places, places.tolist(), strict=True):
        speakers[place] = target.speakers[number] if number >= 0 else None
    return Placed(errors, moved, tuple(speakers), exact)


def _choice(meeting: Meeting, moved: str, timed: bool, effort: float) -> tuple[NDArray[np.int64], bool]:
    mover, target = _sides(meeting, moved)
    if not mover.utterances or not target.utterances:
        return np.full(len(mover.utterances), -1, np.int64), True
    parts, streams = (meeting.said, meeting.heard) if moved == "reference" else (meeting.heard, meeting.said)
    streams = by_speaker(streams, target)
    if not timed:
        parts, streams = without_times(parts), without_times(streams)
    start = _permuted_choice(meeting, moved, timed)[mover.speaker_of]
    return cheapest(parts, streams, start, timed=timed, effort=effort)


def _sides(meeting: Meeting, moved: str) -> tuple[Side, Side]:
    if moved == "reference":
        return meeting.reference, meeting.hypothesis
    return meeting.hypothesis, meeting.reference


def _permuted_choice(meeting: Meeting, moved: str, timed: bool) -> NDArray[np.int64]:
    """For each speaker of the moved side the other side's: the one it is matched with, else the nearest."""
    found = matching(meeting, timed=timed)
    choice: NDArray[np.int64] = found.least.argmin(axis=1 if moved == "reference" else 0)
    for r, h in found.pairs:
        if NOBODY not in (r, h):
            choice[r if moved == "reference" else h] = h if moved == "reference" else r
    return choice

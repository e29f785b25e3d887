"""An hour of four speakers, about 11,000 words, against meeteval: every error rate of meetings, errors compared first.

Both tools get the same segments as their own objects: ours hold words with times, meeteval's hold text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.race import Row, race
from harness.measures.meetings.errors import MeetingErrors
from harness.measures.meetings.utterances import of_segments
from testsets.formats.segment import Segment

RATE = 16_000
COLLAR_MS = 5_000
SPEAKERS = 4
MEASURES = ("cp", "tcp", "orc", "tcorc", "dicp", "ditcp")


def rows() -> list[Row]:
    """One row a measure and tool."""
    reference, hypothesis = _hour(np.random.default_rng(20))
    words = sum(len(segment.text.split()) for segment in reference)
    return [row for name in MEASURES for row in _job(name, words, reference, hypothesis)]


def _job(name: str, words: int, reference: list[Segment], hypothesis: list[Segment]) -> list[Row]:
    said, heard = of_segments(reference), of_segments(hypothesis)

    def ours() -> Any:
        return getattr(MeetingErrors(said, heard, RATE, collar_ms=COLLAR_MS), name)

    found = ours()
    how = "exact" if getattr(found, "exact", True) else "greedy"
    peer, why = _peer(name, reference, hypothesis)
    if peer is not None:
        errors = peer()
        why = f"{errors} errors"
        if (how == "exact" and name in ("cp", "tcp") and errors != found.errors.errors) or errors < found.errors.errors:
            raise AssertionError(f"{name}: {found.errors.errors} errors ({how}), meeteval {errors}")
    notes = {"understudy": f"{found.errors.errors} errors ({how})", "meeteval": why}
    job = f"{name}, 1 h, {words} words, {SPEAKERS} x {SPEAKERS} speakers"
    return race(job, {"understudy": ours, "meeteval": peer}, rounds=5 if name == "cp" else 3, notes=notes)


def _hour(rng: np.random.Generator) -> tuple[list[Segment], list[Segment]]:
    """Turns that overlap now and then, recognised with about 12 % word errors and 6 % wrong speakers."""
    chance = 1 / np.arange(1, 3001)
    vocabulary = np.array([f"w{n}" for n in range(3000)])
    truth: list[Segment] = []
    heard: list[Segment] = []
    now, speaker = 0.0, 0
    while now < 3600:
        said = rng.choice(vocabulary, int(rng.integers(1, 16)), p=chance / chance.sum())
        length, speaker = 0.29 * len(said), (speaker + int(rng.integers(1, SPEAKERS))) % SPEAKERS
        got = [str(rng.choice(vocabulary)) if rng.random() < 0.06 else str(w) for w in said if rng.random() > 0.05]
        other = int(rng.integers(SPEAKERS)) if rng.random() < 0.08 else speaker
        truth.append(_segment(now, length, f"spk{speaker}", said.tolist()))
        if got:
            heard.append(_segment(max(now + rng.normal(0, 0.3), 0), length, f"{other}", got))
        now += length * rng.choice([0.7, 1.1, 1.4])
    return truth, heard


def _segment(start: float, length: float, speaker: str, words: list[str]) -> Segment:
    return Segment("hour", int(start * RATE), int((start + length) * RATE), speaker, " ".join(words))


def _peer(name: str, reference: list[Segment], hypothesis: list[Segment]) -> tuple[Callable[[], int] | None, str]:
    """Meeteval's measure of this name; where its exact one takes an hour beyond patience, its greedy one."""
    try:
        from meeteval import wer
        from meeteval.io import SegLST
    except ImportError as missing:
        return None, f"not installed ({missing.name})"
    measure: dict[str, Any] = {
        "cp": wer.cp_word_error_rate,
        "tcp": wer.time_constrained_minimum_permutation_word_error_rate,
        "orc": wer.greedy_orc_word_error_rate,
        "tcorc": wer.greedy_time_constrained_orc_wer,
        "dicp": wer.greedy_di_cp_word_error_rate,
        "ditcp": wer.greedy_di_tcp_word_error_rate,
    }
    logging.getLogger("preprocess").setLevel(logging.ERROR)  # it warns where a speaker overlaps with itself
    sides = [SegLST([_fields(segment) for segment in side]) for side in (reference, hypothesis)]
    options = {"collar": COLLAR_MS * RATE // 1000} if name in ("tcp", "tcorc", "ditcp") else {}
    return lambda: int(measure[name](*sides, **options).errors), ""


def _fields(segment: Segment) -> dict[str, Any]:
    found = {"session_id": segment.recording, "speaker": segment.speaker, "words": segment.text}
    return found | {"start_time": segment.start, "end_time": segment.end}

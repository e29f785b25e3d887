"""Diarisation of an hour with four speakers, against spyder and pyannote.metrics; and RTTM of a million turns.

Every tool gets the turns as its own objects. Each dialect of ours must give its tool's errors before anything is timed.
"""

from __future__ import annotations

import importlib.util
import resource
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.race import Row, race
from harness.measures.speakers.dialects import dialect
from harness.measures.speakers.diarisation import speaker_errors
from harness.measures.speakers.jaccard import jaccard_errors
from testsets.formats import rttm
from testsets.formats.segment import Segment
from testsets.transcript import SpeakerTurn

RATE = 16_000
TURNS, SPEAKERS, SECONDS = 2_200, 4, 3_600
MANY = 1_000_000

Turns = tuple[SpeakerTurn, ...]


def rows() -> list[Row]:
    """DER without and with a collar, JER, and a million turns."""
    sides = _meeting(np.random.default_rng(7), TURNS, SECONDS, SPEAKERS)
    return [*_der(sides, 0), *_der(sides, 250), *_jer(sides), *_many()]


def _der(sides: tuple[Turns, Turns], half_ms: int) -> list[Row]:
    uem = _extent(sides)
    rules = {"nist": dialect("nist", half_ms), "pyannote": dialect("pyannote", 2 * half_ms)}
    ours = {name: (lambda d=d: speaker_errors(*sides, uem, RATE, d)) for name, d in rules.items()}
    peers = {"spyder": _spyder(sides, half_ms), "pyannote.metrics": _pyannote("DiarizationErrorRate", sides, half_ms)}
    for tool, name in (("spyder", "nist"), ("pyannote.metrics", "pyannote")):
        _assert_equal(tool, peers[tool], ours[name]().rate)
    contestants = {"understudy, nist": ours["nist"], "understudy, pyannote": ours["pyannote"], **peers}
    notes = {f"understudy, {name}": f"{ours[name]().rate:.6%}" for name in ours}
    length = sum(len(side) for side in sides) // 2
    return race(f"DER, {SECONDS} s, {SPEAKERS} speakers, {length} turns, collar {half_ms} ms", contestants, notes=notes)


def _jer(sides: tuple[Turns, Turns]) -> list[Row]:
    def ours() -> Any:
        return jaccard_errors(*sides, _extent(sides), RATE, dialect("pyannote"))

    peer = _pyannote("JaccardErrorRate", sides, 0)
    _assert_equal("pyannote.metrics", peer, ours().rate)
    contestants = {"understudy, pyannote": ours, "pyannote.metrics": peer}
    return race("JER, the same", contestants, notes={"understudy, pyannote": f"{ours().rate:.6%}"})


def _many() -> list[Row]:
    """From text to errors; four speakers in one recording, so that nothing is divided beforehand."""
    sides = _meeting(np.random.default_rng(8), MANY, MANY, SPEAKERS)
    texts = [rttm.render((Segment("r", t.start, t.end, t.speaker) for t in side), RATE) for side in sides]
    held = [rttm.parse_turns(text, "rttm", RATE)["r"] for text in texts]
    contestants: dict[str, Callable[[], Any]] = {
        "understudy: read one side": lambda: rttm.parse_turns(texts[0], "rttm", RATE),
        "understudy: score, collar 250 ms": lambda: speaker_errors(*held, None, RATE, dialect("nist", 250)),
    }
    found = race(f"RTTM, {len(held[0])} turns a side", contestants, rounds=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return [Row(row.job, row.tool, row.seconds, f"process at most {peak:.1f} GB") for row in found]


def _meeting(rng: np.random.Generator, count: int, seconds: int, speakers: int) -> tuple[Turns, Turns]:
    """Turns that overlap now and then, nobody himself; the other side is 0.1 s off and names one in ten wrongly."""
    step = seconds / count
    length = rng.uniform(0.2, 1.8, count) * step
    start = np.cumsum(length * rng.choice([0.8, 1.0, 1.2], count))
    who = np.cumsum(rng.integers(1, speakers, count)) % speakers
    truth = _own_apart(who, start, start + length, "s")
    wrong = np.where(rng.random(count) < 0.1, rng.integers(0, speakers, count), who)
    return truth, _own_apart(wrong, start + rng.normal(0, 0.1, count), start + length + rng.normal(0, 0.1, count), "h")


def _own_apart(who: np.ndarray, start: np.ndarray, end: np.ndarray, name: str) -> Turns:
    """Begin each turn after the same speaker's last one: tools differ where a speaker overlaps or touches himself."""
    free: dict[int, int] = {}
    found = []
    for speaker, first, last in zip(who.tolist(), start.tolist(), end.tolist(), strict=True):
        begin, finish = max(round(first * 1000), free.get(speaker, 0), 0), round(last * 1000)
        if begin < finish:
            free[speaker] = finish + 1
            found.append(SpeakerTurn(f"{name}{speaker}", begin * RATE // 1000, finish * RATE // 1000))
    return tuple(found)


def _extent(sides: tuple[Turns, Turns]) -> list[tuple[int, int]]:
    return [(min(t.start for side in sides for t in side), max(t.end for side in sides for t in side))]


def _assert_equal(tool: str, peer: Callable[[], float] | None, ours: float | None) -> None:
    if peer is not None and (ours is None or abs(peer() - ours) > 1e-6):
        raise AssertionError(f"{tool} says {peer()}, we {ours}")


def _spyder(sides: tuple[Turns, Turns], half_ms: int) -> Callable[[], float] | None:
    if importlib.util.find_spec("spyder") is None:
        return None
    import spyder

    given = [[(t.speaker, t.start / RATE, t.end / RATE) for t in side] for side in sides]
    return lambda: float(spyder.DER(*given, collar=half_ms / 1000).der)


def _pyannote(metric: str, sides: tuple[Turns, Turns], half_ms: int) -> Callable[[], float] | None:
    if importlib.util.find_spec("pyannote.metrics") is None:
        return None
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics import diarization

    given = []
    for side in sides:
        given.append(Annotation())
        for track, turn in enumerate(side):
            given[-1][Segment(turn.start / RATE, turn.end / RATE), track] = turn.speaker
    uem = Timeline([Segment(start / RATE, end / RATE) for start, end in _extent(sides)])

    def run() -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(getattr(diarization, metric)(collar=2 * half_ms / 1000)(*given, uem=uem))

    return run

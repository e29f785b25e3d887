"""The Jaccard error rate: dscore's own arithmetic on frames, ours in whole samples, and the algebra of its value."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from harness.measures.speakers.dialects import NAMES, dialect
from harness.measures.speakers.jaccard import WHOLE, JaccardErrors, jaccard_errors
from harness.measures.value import Ratio
from testsets.transcript import SpeakerTurn

Turns = tuple[SpeakerTurn, ...]
RATE = 1000

values = st.builds(JaccardErrors, st.integers(0, 10**12), st.integers(0, 1000))


@given(values, values, values)
def test_algebra(a: JaccardErrors, b: JaccardErrors, c: JaccardErrors) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + JaccardErrors() == a
    assert isinstance(a, Ratio)
    assert a.rate == (a.errors / a.total if a.speakers else None)


def frames(turns: Turns, regions: list[tuple[float, float]], step: float = 0.010) -> np.ndarray:
    """As dscore's turns_to_frames defines them: one row a frame, one column a speaker."""
    names = sorted({turn.speaker for turn in turns})
    times = step * np.arange(int(max(end for _, end in regions) / step))
    found = np.zeros((len(times), len(names)), int)
    for turn in turns:
        first, last = np.searchsorted(times, (turn.start / RATE, turn.end / RATE))
        found[first:last, names.index(turn.speaker)] = 1
    keep = np.zeros(len(times), bool)
    for start, end in regions:
        first, last = np.searchsorted(times, (start, end))
        keep[first:last] = True
    return found[keep]


def dscore_jer(reference: np.ndarray, hypothesis: np.ndarray) -> list[float]:
    """As dscore's jer defines it, speaker by speaker; a speaker without a frame divides by zero there."""
    spoken, heard = reference.sum(axis=0), hypothesis.sum(axis=0)
    spoken_ones, heard_ones = spoken > 0, heard > 0
    common = (reference.T @ hypothesis)[np.ix_(spoken_ones, heard_ones)]
    errors = 1 - common / (spoken[spoken_ones][:, None] + heard[heard_ones] - common)
    found = np.ones(len(errors))
    rows, columns = linear_sum_assignment(errors)
    found[rows] = errors[rows, columns]
    return found.tolist()


@pytest.mark.parametrize("uem", [False, True], ids=["extent", "uem"])
def test_equal_to_the_definition_of_dscore(uem: bool, random_turns: Callable[..., Turns]) -> None:
    """Times lie between frames, where its floats are not in doubt."""
    rng = np.random.default_rng(11)
    for case in range(100):
        reference, hypothesis = (
            tuple(
                SpeakerTurn(t.speaker, 10 * t.start + 5, 10 * t.end + 5)
                for t in random_turns(rng, names[: rng.integers(0, 5)], 2000, own_overlap=case % 2 > 0)
            )
            for names in ("ABCD", "wxyz")
        )
        if not (reference and hypothesis):
            continue
        turns = (*reference, *hypothesis)
        whole = [(min(t.start for t in turns), max(t.end for t in turns))]
        regions = [(1_005, 9_005), (9_505, 18_005)] if uem else whole
        seconds = [(start / RATE, end / RATE) for start, end in regions]
        expected = dscore_jer(frames(reference, seconds), frames(hypothesis, seconds))
        got = jaccard_errors(reference, hypothesis, regions if uem else None, RATE, dialect("dscore", 250, True))
        assert got.speakers == len(expected)
        assert got.billionths / WHOLE == pytest.approx(sum(expected), abs=len(expected) * 0.6e-9)


def test_equal_to_counting_samples(random_turns: Callable[..., Turns]) -> None:
    rng = np.random.default_rng(12)
    for _ in range(100):
        reference, hypothesis = (random_turns(rng, names, 50, own_overlap=True) for names in ("ABC", "xyz"))
        said, heard = (
            {name: {s for t in side if t.speaker == name for s in range(t.start, t.end)} for name in names}
            for side, names in ((reference, "ABC"), (hypothesis, "xyz"))
        )
        spoken = {name: samples for name, samples in said.items() if samples}

        def index(mapping: dict[str, str], spoken: dict = spoken, heard: dict = heard) -> float:
            return sum(len(own & heard[mapping[n]]) / len(own | heard[mapping[n]]) for n, own in spoken.items())

        best = max(index(dict(zip("ABC", order, strict=True))) for order in permutations("xyz"))
        got = jaccard_errors(reference, hypothesis, [(0, 50)], RATE, dialect("understudy"))
        assert got.speakers == len(spoken)
        assert got.billionths / WHOLE == pytest.approx(len(spoken) - best, abs=3e-9)


A, B = SpeakerTurn("A", 0, 1000), SpeakerTurn("B", 1000, 1100)


def test_every_speaker_weighs_the_same() -> None:
    """B's short turn is lost: DER hardly sees it, JER halves."""
    got = jaccard_errors([A, B], [SpeakerTurn("x", 0, 1000)], None, RATE, dialect("understudy"))
    assert (got.speakers, got.rate) == (2, 0.5)


def test_mapping_by_index_or_by_time() -> None:
    """x is with A for longer, but is a larger part of B."""
    turns = [SpeakerTurn("A", 0, 1000), SpeakerTurn("B", 1000, 1100)]
    heard = [SpeakerTurn("x", 800, 1100), SpeakerTurn("y", 0, 10)]
    by_index = jaccard_errors(turns, heard, None, RATE, dialect("understudy"))
    by_time = jaccard_errors(turns, heard, None, RATE, dialect("pyannote"))
    assert by_index.rate == pytest.approx(1 - (10 / 1000 + 100 / 300) / 2, abs=1e-9)
    assert by_time.rate == pytest.approx(1 - 200 / 1100 / 2, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_on_one_side_or_on_both(name: str) -> None:
    """dscore answers 0 and 1 where the reference is empty; we answer None."""
    rules = dialect(name)
    assert jaccard_errors([], [], None, RATE, rules).rate is None
    assert jaccard_errors([], [A], [(0, 1000)], RATE, rules).rate is None
    assert jaccard_errors([A, B], [], None, RATE, rules).rate == 1
    assert jaccard_errors([A, B], [A, B], None, RATE, rules).rate == 0


def test_the_collar_is_the_dialects_business() -> None:
    heard = [SpeakerTurn("x", 100, 900)]
    assert jaccard_errors([A], heard, None, RATE, dialect("understudy", 100)).rate == 0
    assert jaccard_errors([A], heard, None, RATE, dialect("dscore", 100)).rate == 0.2

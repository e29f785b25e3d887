"""Differences of word times are of words that were said and recognised."""

import numpy as np
import pytest

from benchmarks.recogniser.noise import made_sounds
from benchmarks.recogniser.times import differences
from engine.recogniser import RecognisedWord


def word(text: str, start: float, end: float) -> RecognisedWord:
    return RecognisedWord(text, round(16_000 * start), round(16_000 * end), 1.0)


def test_only_words_that_were_said_and_whose_times_are_known_count():
    heard = [word("a", 0.1, 0.3), word("x", 0.3, 0.5), word("c", 0.6, 0.9)]
    found = differences(("a", "b", "c"), ((0.0, 0.25), (0.25, 0.5), None), heard)
    assert found == [pytest.approx((0.1, 0.05))]


def test_made_sounds_are_audio():
    for name, samples in made_sounds().items():
        assert samples.dtype == np.float32
        assert np.abs(samples).max() <= 1, name

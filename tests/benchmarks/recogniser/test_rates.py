"""Counts by stratum and cluster, their intervals, and paired differences."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.recogniser.deciding import Heard
from benchmarks.recogniser.rates import TEST, by_stratum, clusters_of, difference, divided, rate
from benchmarks.recogniser.recordings import Recording
from engine.recogniser import RecognisedWord
from harness.measures.counts import WordErrors
from harness.measures.words.alignment import align


def heard(said: str, text: str, cluster: str = "a", stratum: str = "adult", parts: tuple[int, ...] = ()) -> Heard:
    recording = Recording("test", "one", Path("one.flac"), None, tuple(said.split()), cluster, stratum, parts)
    return Heard(recording, tuple(RecognisedWord(word, 0, 0, 0.5) for word in text.split()), 10, 0)


def test_a_recording_counts_in_its_stratum_and_in_the_test_set():
    found = by_stratum([heard("a b c", "a x c"), heard("d e", "d e", "b", "child"), heard("f", "", "a")])
    assert found["adult"] == {"a": WordErrors(1, 1, 0, 4)}
    assert found[TEST] == {"a": WordErrors(1, 1, 0, 4), "b": WordErrors(0, 0, 0, 2)}


def test_a_word_that_is_written_apart_counts_as_its_parts():
    assert heard("ice cream", "Ice-cream").errors == WordErrors(0, 0, 0, 2)
    assert heard("ice cream", "Ice-cream").placed == (("ice", 0), ("cream", 0))


def test_a_long_recording_is_divided_among_its_utterances():
    one = heard("a b c d e", "x a b q c e", parts=(2, 3))
    assert clusters_of(one) == {"a 0": WordErrors(0, 0, 2, 2), "a 1": WordErrors(0, 1, 0, 3)}


def test_parts_add_up_to_the_whole():
    rng = np.random.default_rng(1)
    for _ in range(50):
        said, text = (" ".join(rng.choice(list("abc"), 12)) for _ in range(2))
        one = heard(said, text, parts=(3, 4, 5))
        parts = divided(one.recording, align(one.recording.words, one.said))
        assert sum(parts.values(), WordErrors()) == one.errors


def test_a_rate_has_an_interval_over_its_clusters():
    found = rate({"a": WordErrors(1, 0, 0, 10), "b": WordErrors(3, 0, 0, 10), "c": WordErrors(2, 0, 0, 10)})
    assert found.point == pytest.approx(0.2)
    assert found.lower is not None
    assert found.upper is not None
    assert 0 <= found.lower < 0.2 < found.upper
    assert rate({"a": WordErrors(1, 0, 0, 10)}).lower is None
    assert rate({"a": WordErrors(0, 0, 2, 0), "b": WordErrors()}).percent() == "undefined"


def test_equal_arms_differ_by_nothing_and_others_by_what_they_differ():
    first = {str(place): WordErrors(place % 3, 0, 0, 10) for place in range(30)}
    second = {key: one + WordErrors(0, 1, 0, 0) for key, one in first.items()}
    assert difference(first, first).percent() == "0.0 (0.0 to 0.0)"
    assert difference(first, second).point == pytest.approx(0.1)
    with pytest.raises(ValueError, match="same recordings"):
        difference(first, {"other": WordErrors()})

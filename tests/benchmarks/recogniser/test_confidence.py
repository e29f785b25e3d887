"""Which words were right, and how the confidences of a recogniser are judged."""

from pathlib import Path

import pytest

from benchmarks.recogniser.confidence import Judged, judge
from benchmarks.recogniser.deciding import Heard
from benchmarks.recogniser.drawing import look_ahead_plot, reliability_plot
from benchmarks.recogniser.findings import Findings
from benchmarks.recogniser.recordings import Recording
from engine.recogniser import RecognisedWord


def heard(said: str, *words: tuple[str, float]) -> Heard:
    recording = Recording("test", "one", Path("one.flac"), None, tuple(said.split()), "a", "adult")
    return Heard(recording, tuple(RecognisedWord(text, 0, 0, sure) for text, sure in words), 10, 0)


def test_words_are_right_where_the_alignment_pairs_them_with_their_like():
    found = judge([heard("the cat sat", ("the", 0.9), ("cats", 0.4), ("sat", 0.8), ("down", 0.1))])
    assert found == Judged((0.9, 0.4, 0.8, 0.1), (True, False, True, False))


def test_a_word_written_apart_is_right_only_as_a_whole():
    assert judge([heard("ice cream", ("ice-cream", 0.5))]).right == (True,)
    assert judge([heard("ice team", ("ice-cream", 0.5))]).right == (False,)


def test_cross_entropy_is_1_for_an_oracle_and_0_for_the_average():
    right = (True, True, True, False)
    assert Judged((1.0, 1.0, 1.0, 0.0), right).cross_entropy == pytest.approx(1.0, abs=1e-4)
    assert Judged((0.75,) * 4, right).cross_entropy == pytest.approx(0.0)
    assert Judged((0.5,), (True,)).cross_entropy is None
    assert Judged((), ()).cross_entropy is None


def test_the_plot_is_drawn_from_the_table():
    one = {"words": 3, "confidence": 0.25, "right": 1}
    empty = {"words": 0, "confidence": None, "right": 0}
    data = {"given": [one, empty], "mapped": [one, empty]}
    plot = reliability_plot(Findings("confidence", "Reliability", (), (), data=data))
    assert plot.startswith("<svg")
    assert plot.count("<circle") == 2


def test_the_look_ahead_plot_has_a_line_a_stratum():
    rates = {
        "test adult": {"point": 0.4, "lower": 0.3, "upper": 0.5},
        "longform": {"point": 0.2, "lower": None, "upper": None},
    }
    plot = look_ahead_plot(Findings("look-ahead", "Look-ahead", (), (), data={"320 ms": rates, "whole": rates}))
    assert plot.count("<polyline") == 4  # two lines, and two intervals of the one that has them
    assert ">longform<" in plot

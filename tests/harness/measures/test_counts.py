"""Measures form a commutative monoid, and undefined rates are None."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.catalogue import CATALOGUE, MeasureValue, from_counts, measure_info, to_counts
from harness.measures.counts import CharacterErrors, Delays, Pace, Share, SpeakerErrors, WordErrors
from harness.measures.meetings.values import AttributionErrors
from harness.measures.speakers.jaccard import JaccardErrors
from harness.measures.times.values import Deadlines, RealTimeFactor
from harness.measures.words.values import Detections, SpanErrors, WordInformation

count = st.integers(0, 1_000)
VALUES: dict[type[Any], st.SearchStrategy[Any]] = {
    WordErrors: st.builds(WordErrors, count, count, count, count),
    CharacterErrors: st.builds(CharacterErrors, count, count, count, count),
    Share: st.builds(Share, count, count),
    Detections: st.builds(Detections, count, count, count),
    SpanErrors: st.builds(SpanErrors, count, count, st.builds(WordErrors, count, count, count, count)),
    WordInformation: st.builds(WordInformation, count, count, count),
    AttributionErrors: st.builds(AttributionErrors, count, count, count, count),
    JaccardErrors: st.builds(JaccardErrors, count, count),
    SpeakerErrors: st.builds(SpeakerErrors, count, count, count, count, st.sampled_from([8_000, 16_000, 44_100])),
    Deadlines: st.builds(Deadlines, count, count, count),
    RealTimeFactor: st.builds(RealTimeFactor, count, count),
    Delays: st.builds(Delays.of, st.lists(st.integers(-50, 50), max_size=5), count),
    Pace: st.builds(Pace, count, count, count, count, count),
}


def test_every_value_of_the_catalogue_is_tried() -> None:
    assert {info.value for info in CATALOGUE.values()} == set(VALUES)


@pytest.mark.parametrize("cls", list(VALUES), ids=lambda c: c.__name__)
@given(st.data())
def test_sums_are_associative_commutative_and_have_a_zero(cls: type[MeasureValue], data: st.DataObject) -> None:
    a: Any
    b: Any
    c: Any
    a, b, c = (data.draw(VALUES[cls]) for _ in range(3))
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + cls() == a


@given(VALUES[SpeakerErrors], VALUES[SpeakerErrors])
def test_speaker_errors_of_different_rates_add_exactly(a: SpeakerErrors, b: SpeakerErrors) -> None:
    both = a + b
    seconds = Fraction(a.errors, a.sample_rate) + Fraction(b.errors, b.sample_rate)
    assert Fraction(both.errors, both.sample_rate) == seconds


@pytest.mark.parametrize("cls", [WordErrors, CharacterErrors, SpeakerErrors, Pace])
def test_an_empty_measure_has_no_rate(cls: type[WordErrors]) -> None:
    assert cls().rate is None
    assert Pace().speed is None


def test_rates() -> None:
    assert WordErrors(1, 2, 3, 12).rate == 0.5
    assert SpeakerErrors(1, 1, 2, 8, 16_000).rate == 0.5
    assert Pace(10, 1, 5, 30, 20).speed == 1.5


@pytest.mark.parametrize("name", [*{info.value: name for name, info in CATALOGUE.items()}.values(), "entities[PERSON]"])
@given(st.data())
def test_counts_survive_json(name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[measure_info(name).value])
    assert from_counts(name, json.loads(json.dumps(to_counts(value)))) == value

"""Measures form a commutative monoid, and undefined rates are None."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.catalogue import CATALOGUE, MeasureValue, from_counts, to_counts
from harness.measures.counts import CharacterErrors, Delays, Pace, SpeakerErrors, WordErrors

count = st.integers(0, 1_000)
VALUES = {
    WordErrors: st.builds(WordErrors, count, count, count, count),
    CharacterErrors: st.builds(CharacterErrors, count, count, count, count),
    SpeakerErrors: st.builds(SpeakerErrors, count, count, count, count, st.sampled_from([8_000, 16_000, 44_100])),
    Delays: st.builds(Delays.of, st.lists(st.integers(-50, 50), max_size=5), count),
    Pace: st.builds(Pace, count, count, count, count, count),
}


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


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_counts_survive_json(name: str) -> None:
    cls: Any = CATALOGUE[name].value
    value = Delays((1, 2), 3) if cls is Delays else cls(1, 2, 3, 4)
    assert from_counts(name, to_counts(value)) == value

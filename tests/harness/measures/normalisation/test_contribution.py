"""The normaliser's own share of a difference is shown, by group of rules and by side."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.counts import WordErrors
from harness.measures.normalisation.contribution import Contribution, Rewriting, Sides, contribution
from harness.measures.normalisation.packs import PACKS

english = PACKS["english-1"]
PARTS = "uh it's 20 twenty five $5 colour color e mail email U.S. us don't do not dr'll St. web site"
texts = st.lists(st.sampled_from(PARTS.split()), max_size=6).map(" ".join)

CASES = [
    ("it costs twenty dollars", "it costs twenty dollars", "It costs $20."),
    ("the color of money", "the colour of money", "the color of money"),
    ("do not go", "don't go", "do not go"),
]


def test_a_pack_that_turns_a_difference_shows_it() -> None:
    found = contribution(CASES, english)
    assert found.champion["basic"] == WordErrors(2, 1, 0, 11)
    assert found.candidate["basic"] == WordErrors(1, 1, 0, 11)
    assert found.difference("basic") == pytest.approx(-1 / 11)
    assert found.difference(english.signature) == 0
    assert found.own_share == pytest.approx(1 / 11)
    assert found.candidate["none"].errors == 3


def test_groups_of_rules_show_whom_they_help() -> None:
    found = contribution(CASES, english)
    assert found.saved["spelling"] == Sides(0, 1, 0)
    assert found.saved["contractions"] == Sides(0, 2, 0)
    assert found.saved["symbols"].champion == 0
    assert set(found.helps_one_side) >= {"spelling", "contractions"}
    assert found.rewritings[Rewriting("spelling", "colour", "color")] == Sides(0, 1, 0)
    assert found.one_sided(least=1)[0].group
    assert found.one_sided(least=3) == ()
    assert found.moved["contractions"] == Sides(0, 2, 0)


def test_packs_without_stages_show_their_rates_only() -> None:
    found = contribution(CASES, PACKS["basic"])
    assert found.own_share == 0
    assert not found.rewritings
    assert contribution([], english).own_share is None


@settings(max_examples=30)
@given(st.lists(st.tuples(texts, texts, texts), max_size=3), st.lists(st.tuples(texts, texts, texts), max_size=3))
def test_contributions_add_up(first: list[tuple[str, str, str]], second: list[tuple[str, str, str]]) -> None:
    assert contribution(first, english) + contribution(second, english) == contribution(first + second, english)
    assert contribution(first, english) + Contribution() == contribution(first, english)


@given(texts | st.text(max_size=30))
def test_the_last_stage_is_the_pack(text: str) -> None:
    assert english.stages is not None
    assert list(english.stages(text))[-1][1] == english.split(text)


@given(texts)
def test_equal_sides_are_helped_alike(text: str) -> None:
    found = contribution([("twenty five", text, text)], english)
    assert all(sides.champion == sides.candidate for sides in found.rewritings.values())
    assert not found.helps_one_side
    assert not found.one_sided(1)

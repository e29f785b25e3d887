"""Disagreement is an algebraic count over spoken words."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.shadow.disagreement import Disagreement, disagreement, said_by_both
from testsets.transcript import Word

COUNTS = st.builds(Disagreement, *[st.integers(0, 99)] * 3)


@settings(max_examples=40, deadline=None)
@given(COUNTS, COUNTS, COUNTS)
def test_addition_is_a_commutative_monoid(a: Disagreement, b: Disagreement, c: Disagreement) -> None:
    assert a + Disagreement() == a
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)


def test_known_counts() -> None:
    assert disagreement(["The", "cat,", "sat."], ["the", "cat", "sat"]) == Disagreement(0, 3, 3)
    assert disagreement(["a", "b", "c"], ["a", "x"]) == Disagreement(2, 3, 2)
    assert disagreement([], ["a"]).rate is None
    assert disagreement(["a", "b"], ["a"]).rate == 0.5


def test_only_what_both_have_reached_is_compared() -> None:
    champion = [Word("a", 0, 10), Word("b", 10, 20), Word("c", 20, 30)]
    assert said_by_both(champion, [Word("a", 0, 11), Word("x", 11, 20)]) == Disagreement(1, 2, 2)
    assert said_by_both(champion, []) == Disagreement()
    assert said_by_both([Word("a")], [Word("b")]) == Disagreement()

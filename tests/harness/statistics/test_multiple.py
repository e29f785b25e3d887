"""Adjusted p-values: golden numbers of R's p.adjust, order and bounds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.multiple import benjamini_hochberg, holm
from harness.statistics.power import minimal_detectable

P = [0.01, 0.02, 0.03, 0.04, 0.05]


def test_golden() -> None:
    assert holm(P) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert benjamini_hochberg(P) == pytest.approx([0.05] * 5)
    assert benjamini_hochberg([0.001, 0.5, 0.02]) == pytest.approx([0.003, 0.5, 0.03])
    assert holm([]) == benjamini_hochberg([]) == ()


@given(st.lists(st.floats(0, 1), max_size=12))
def test_adjusted_values_keep_the_order_and_never_shrink(p: list[float]) -> None:
    for adjusted in (holm(p), benjamini_hochberg(p)):
        assert all(a >= raw and a <= 1 for a, raw in zip(adjusted, p, strict=True))
        pairs = sorted(zip(p, adjusted, strict=True))
        assert all(a[1] <= b[1] for a, b in pairwise(pairs))


def test_the_minimal_detectable_difference_shrinks_with_the_error_and_grows_with_power() -> None:
    assert minimal_detectable(0.01, 10_000, 0.05, 0.8) == pytest.approx(0.02486, abs=1e-4)
    assert minimal_detectable(0.01, 8, 0.05, 0.9) > minimal_detectable(0.01, 8, 0.05, 0.8)

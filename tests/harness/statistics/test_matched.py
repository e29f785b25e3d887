"""Matched-pairs tests: exact, right where sclite's are not, silent on a handful of segments."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.statistics.matched import MINIMUM_SEGMENTS, Segments, mapsswe, mcnemar, sign_test

differences = st.lists(st.integers(-5, 5), max_size=60)


def test_14_wins_against_16_say_nothing_though_sclite_calls_them_significant() -> None:
    assert sign_test(14, 16) == pytest.approx(0.856, abs=5e-4)
    # sclite (statdist.c:789) takes R * 0.5 where 0.5 belongs: z = (R * 0.5 - n p) / sqrt(n p q) with R = 14, n = 30
    sclites = 2 * stats.norm.cdf((14 * 0.5 - 15) / math.sqrt(30 * 0.25))
    assert sclites == pytest.approx(0.0035, abs=5e-4)
    corrected = 2 * stats.norm.cdf((14 + 0.5 - 15) / math.sqrt(30 * 0.25))
    assert sign_test(14, 16) == pytest.approx(corrected, abs=0.002)


@given(st.integers(0, 80), st.integers(0, 80))
def test_the_sign_test_is_the_exact_binomial_test(wins: int, losses: int) -> None:
    got = sign_test(wins, losses)
    if wins + losses == 0:
        assert got is None
        return
    assert got == pytest.approx(stats.binomtest(wins, wins + losses, 0.5).pvalue, abs=1e-12)
    assert got == sign_test(losses, wins) == mcnemar(wins, losses)


@given(differences, differences)
def test_segments_add_up(one: list[int], two: list[int]) -> None:
    assert Segments.of(one) + Segments.of(two) == Segments.of(one + two)
    assert Segments.of(one) + Segments() == Segments.of(one)


@given(st.lists(st.integers(-5, 5), min_size=MINIMUM_SEGMENTS, max_size=60).filter(lambda d: len(set(d)) > 1))
def test_mapsswe_is_the_one_sample_t_test_of_segment_differences(found: list[int]) -> None:
    assert mapsswe(Segments.of(found)) == pytest.approx(float(stats.ttest_1samp(found, 0).pvalue), rel=1e-9)


def test_mapsswe_refuses_a_handful_and_segments_that_all_differ_alike() -> None:
    assert mapsswe(Segments.of([1, 2] * (MINIMUM_SEGMENTS // 2 - 1))) is None
    assert mapsswe(Segments.of([1] * 50)) is None
    assert mapsswe(Segments.of([0] * 50)) == 1.0

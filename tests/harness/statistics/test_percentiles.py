"""Exact percentiles, the least n of each, and differences under clustering."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Delays
from harness.statistics.percentiles import (
    NEVER,
    ClusterDelays,
    compare_percentiles,
    minimum_n,
    order_interval,
    percentile,
)


@pytest.mark.parametrize(("q", "n"), [(0.5, 5), (0.9, 29), (0.95, 59), (0.99, 299), (0.999, 2995)])
def test_the_least_n_of_each_percentile(q: float, n: int) -> None:
    assert minimum_n(q) == n
    assert percentile(Delays(tuple(range(n - 1))), q) is None
    assert percentile(Delays(tuple(range(n))), q) is not None


@given(st.lists(st.integers(-100, 100), min_size=29, max_size=80), st.sampled_from([0.5, 0.9]))
def test_a_percentile_is_the_inverse_of_the_empirical_distribution(values: list[int], q: float) -> None:
    got = percentile(Delays.of(values), q)
    assert got == np.quantile(values, q, method="inverted_cdf")


def test_censored_words_stand_at_the_top() -> None:
    delays = Delays(tuple(range(60)), censored=40)
    assert percentile(delays, 0.5) == 49
    assert percentile(delays, 0.9) == NEVER


def test_the_exact_interval_covers_at_least_what_it_promises() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(400):
        found = order_interval(Delays.of([int(x) for x in rng.exponential(1e6, 200)]), 0.9)
        assert found is not None
        covered += found[0] <= -math.log(0.1) * 1e6 <= found[1]
    assert covered >= 0.93 * 400
    assert order_interval(Delays(tuple(range(100))), 0.99) is None


def sided(by_cluster: list[Delays]) -> ClusterDelays:
    return ClusterDelays.of([[delays] for delays in by_cluster])


@given(
    st.lists(st.lists(st.tuples(st.lists(st.integers(-9, 9), max_size=5), st.integers(0, 2)), max_size=3), max_size=4)
)
def test_delays_of_cases_and_clusters_are_joined(clusters: list[list[tuple[list[int], int]]]) -> None:
    made = ClusterDelays.of([[Delays.of(values, censored) for values, censored in cases] for cases in clusters])
    whole = Delays()
    pairs = []
    for i, cases in enumerate(clusters):
        for values, censored in cases:
            whole = whole + Delays.of(values, censored)
            pairs += [(float(v), i) for v in values] + [(NEVER, i)] * censored
    assert made.values.tolist() == [*whole.observed_ns, *[NEVER] * whole.censored]
    assert sorted(zip(made.values.tolist(), made.cluster.tolist(), strict=True)) == sorted(pairs)
    assert made.percentile(0.5) == percentile(whole, 0.5)


def one_side(rng: np.random.Generator, clusters: int, shift: float = 0.0) -> list[Delays]:
    levels = rng.normal(500 + shift, 60, clusters)
    return [Delays.of([int(1e6 * x) for x in rng.normal(level, 80, 40)]) for level in levels]


def test_a_shift_is_found_and_its_bound_covers_it() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(60):
        levels = rng.normal(500, 60, 16)
        sides = [
            [Delays.of([int(1e6 * x) for x in rng.normal(level + shift, 80, 40)]) for level in levels]
            for shift in (0, 30)
        ]
        (got,) = compare_percentiles(sided(sides[0]), sided(sides[1]), [0.9], rng, resamples=200)
        assert got is not None
        covered += got.difference.upper(0.05) >= 30e6
    assert covered >= 0.88 * 60


def test_undefined_or_endless_percentiles_are_not_compared() -> None:
    rng = np.random.default_rng(3)
    good = one_side(rng, 8)
    short = [Delays.of([1])] * 8
    endless = [Delays((), censored=40)] * 8
    assert compare_percentiles(sided(good), sided(short), [0.9], rng, resamples=100) == (None,)
    assert compare_percentiles(sided(good), sided(endless), [0.9], rng, resamples=100) == (None,)
    assert compare_percentiles(sided(good[:1]), sided(good[:1]), [0.9], rng, resamples=100) == (None,)
    (same,) = compare_percentiles(sided(good), sided(good), [0.9], rng, resamples=100)
    assert same is not None
    assert (same.difference.estimate, same.difference.error) == (0, 0)


def test_a_tail_that_few_clusters_reach_is_worth_few() -> None:
    quick, slow = Delays(tuple(range(100))), Delays(tuple(range(1_000, 1_100)))
    even = sided([quick] * 10)
    assert even.effective(0.5) == pytest.approx(10)
    one_slow = sided([quick] * 9 + [slow])
    assert one_slow.effective(0.95) == pytest.approx(1)
    assert one_slow.effective(0.5) > 8


def coverage(clusters: int, each: int, spread: float, trials: int) -> np.ndarray:
    """How often the 95 % interval of P50, P95 of one side, and the upper 95 % bound of their difference, hold.

    Delays are log-normal with a level for each speaker; the candidate is 10 % slower, by more or less at each speaker.
    """
    rng, qs, level, within = np.random.default_rng(3), (0.5, 0.95), 0.35, 0.5
    normal = np.array([0.0, 1.6448536])
    # both sides are log-normal as a whole too, so the true quantiles are known
    truth = np.exp(normal * np.hypot(level, within))
    slower = 1.1 * np.exp(normal * np.sqrt(level**2 + within**2 + spread**2))
    held = np.zeros((2, 2))
    for _ in range(trials):
        levels = level * rng.standard_normal(clusters)
        factors = 1.1 * np.exp(spread * rng.standard_normal(clusters))
        sides = [
            [
                Delays.of([int(1e9 * x) for x in f * np.exp(m + within * rng.standard_normal(each))])
                for f, m in zip(*side, strict=True)
            ]
            for side in ((np.ones(clusters), levels), (factors, levels))
        ]
        for i, got in enumerate(compare_percentiles(sided(sides[0]), sided(sides[1]), qs, rng, resamples=200)):
            assert got is not None
            low, high = got.champion or (-math.inf, math.inf)  # without an interval nothing is claimed
            held[i] += [low <= 1e9 * truth[i] <= high, got.difference.upper(0.05) >= 1e9 * (slower - truth)[i]]
    return held / trials


def test_intervals_and_bounds_hold_under_clustering() -> None:
    assert coverage(20, 40, 0.15, 60).min() >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 60) - 0.02


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [8, 20, 100])
@pytest.mark.parametrize("spread", [0.0, 0.1, 0.2])
def test_intervals_and_bounds_hold_under_clustering_widely(clusters: int, spread: float) -> None:
    trials = 400
    assert coverage(clusters, 40, spread, trials).min() >= 0.93 - 3 * math.sqrt(0.07 * 0.93 / trials)

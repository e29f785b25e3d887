"""The compiled kernel gives the reference's bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.resampling import cpu, reference

seeds = st.integers(0, 2**64 - 1)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 20), seeds, st.integers(0, 1_000_000))
def test_compiled_equals_reference(k: int, draws: int, seed: int, first: int) -> None:
    assert np.array_equal(cpu.multiplicities(k, draws, seed, first), reference.multiplicities(k, draws, seed, first))


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 20), seeds)
def test_compiled_sums_of_integers_equal_the_reference(k: int, width: int, first: int, seed: int) -> None:
    table = np.random.default_rng(seed).integers(-(2**20), 2**20, (k, width)).astype(np.float64)
    got = cpu.resampled_sums(table, 7, seed, first)
    assert np.array_equal(got, reference.resampled_sums(table, 7, seed, first))


def test_compiled_sums_of_fractions_are_within_rounding() -> None:
    table = np.random.default_rng(3).standard_normal((300, 4))
    got, truth = cpu.resampled_sums(table, 50, 3), reference.resampled_sums(table, 50, 3)
    # Each of the 300 products and sums rounds once: at most k eps times the sum of magnitudes, on either side.
    bound = 2 * 300 * np.finfo(np.float64).eps * reference.resampled_sums(np.abs(table), 50, 3)
    assert (np.abs(got - truth) <= bound).all()


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), max_size=25), st.integers(1, 6), seeds)
def test_compiled_quantiles_lie_where_the_reference_says(owners: list[int], draws: int, seed: int) -> None:
    owner, qs = np.array(owners, dtype=np.int64), np.array([0.01, 0.5, 0.5, 0.9, 0.99])
    counts = np.random.default_rng(seed).integers(0, 3, (draws, 5)).astype(np.float64)
    got = cpu.quantile_places(owner, counts, qs)
    assert np.array_equal(got, reference.quantile_places(owner, counts, qs))
    repeated = [np.repeat(np.arange(len(owner)), row[owner].astype(int)) for row in counts]
    for places, values in zip(got, repeated, strict=True):
        expected = np.quantile(values, qs, method="inverted_cdf").tolist() if len(values) else [-1] * len(qs)
        assert places.tolist() == expected


def test_compiled_quantiles_of_many_blocks_lie_where_the_reference_says() -> None:
    rng, qs = np.random.default_rng(8), np.array([0.99, 0.5, 0.001, 0.95])
    for clusters, values in ((3, 1_000), (90, 5_000), (200, 130)):
        owner = rng.integers(0, clusters, values)
        counts = cpu.multiplicities(clusters, 20, 9)
        assert np.array_equal(cpu.quantile_places(owner, counts, qs), reference.quantile_places(owner, counts, qs))

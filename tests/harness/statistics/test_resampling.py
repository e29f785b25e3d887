"""Compiled or not, resampling gives the same numbers, and both sides see the same clusters."""

from __future__ import annotations

import numpy as np
import pytest

from harness.statistics import resampling
from harness.statistics.resampling import resampled_quantiles, resampled_sums


def sides(rng: np.random.Generator, clusters: int, values: int) -> list[tuple[np.ndarray, np.ndarray]]:
    found = []
    for shift in (0.0, 5.0):
        drawn, owner = np.sort(rng.standard_normal(values)) + shift, rng.integers(0, clusters, values)
        found.append((drawn, owner))
    return found


def test_compiled_and_plain_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.random.default_rng(1).integers(0, 1_000, (30, 14)).astype(np.float64)
    made = sides(np.random.default_rng(2), 30, 200)
    found = []
    for threshold in (0, 10**9):
        monkeypatch.setattr(resampling, "_COMPILED_FROM", threshold)
        rng = np.random.default_rng(3)
        found.append((resampled_sums(table, 50, rng), resampled_quantiles(made, 30, [0.9, 0.5], 50, rng)))
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])


def test_sides_see_the_same_clusters_and_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    (values, owner), _ = sides(np.random.default_rng(4), 10, 80)
    made = [(values, owner), (values + 5.0, owner)]
    whole = resampled_quantiles(made, 10, [0.5], 40, np.random.default_rng(5))
    assert np.array_equal(whole[0] + 5.0, whole[1])
    monkeypatch.setattr(resampling, "_HELD", 30)
    assert np.array_equal(resampled_quantiles(made, 10, [0.5], 40, np.random.default_rng(5)), whole)


def test_a_draw_without_values_has_no_quantile() -> None:
    lonely = [(np.array([1.0]), np.array([0]))]
    found = resampled_quantiles(lonely, 2, [0.5], 200, np.random.default_rng(6))[0, :, 0]
    assert set(found[np.isfinite(found)]) == {1.0}
    assert 0.15 < np.isnan(found).mean() < 0.35  # one in four draws misses the only cluster that has a value

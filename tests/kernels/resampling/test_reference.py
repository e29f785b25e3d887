"""The generator is SplitMix64, draws made in pieces are those made at once, and counts are multinomial."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kernels.resampling import reference

seeds = st.integers(0, 2**64 - 1)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), seeds)
def test_pieces_make_the_whole(k: int, one: int, two: int, seed: int) -> None:
    whole = reference.multiplicities(k, one + two, seed)
    pieces = [reference.multiplicities(k, one, seed), reference.multiplicities(k, two, seed, first=one)]
    assert np.array_equal(whole, np.concatenate(pieces))
    assert (whole.sum(axis=1) == k).all()


def test_the_generator_is_splitmix64() -> None:
    # The first two outputs for seed 0 as Vigna's splitmix64.c prints them.
    halves = [0xE220A839, 0x7B1DCDAF, 0x6E789E6A, 0xA1B965F4]
    expected = np.bincount([h * 4 >> 32 for h in halves], minlength=4)
    assert reference.multiplicities(4, 1, 0)[0].tolist() == expected.tolist()


@pytest.mark.parametrize("k", [7, 500])
def test_counts_are_multinomial(k: int) -> None:
    counts = reference.multiplicities(k, 4_000, 17)
    chi = stats.chisquare(counts.sum(axis=0))
    assert chi.pvalue > 1e-4
    assert counts.var() == pytest.approx(1 - 1 / k, rel=0.02)
    pairs = np.corrcoef(counts[:, 0], counts[:, 1])[0, 1]
    assert pairs == pytest.approx(-1 / (k - 1), abs=4 / np.sqrt(4_000))
    assert abs(np.corrcoef(counts[:-1, 0], counts[1:, 0])[0, 1]) < 4 / np.sqrt(4_000)

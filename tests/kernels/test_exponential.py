"""Exponentials of whole rows, beside the C library's in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from kernels.compiled import compiled
from kernels.exponential import HIGHEST, LOWEST, ULPS, Powers, exponentiate, powers


@compiled
def exponentials(x: NDArray[np.float32], memory: Powers) -> None:
    exponentiate(x, memory)


def worst(x: NDArray[np.float32]) -> float:
    """The largest error of a row, in units in the last place."""
    found, memory = x.copy(), powers(len(x))
    memory.numbers[:] = np.nan
    exponentials(found, memory)
    truth = np.exp(np.clip(x, LOWEST, HIGHEST).astype(np.float64))
    errors = np.abs(found - truth) / np.spacing(truth.astype(np.float32))
    assert not np.isnan(errors).any()
    return float(errors.max(initial=0.0))


@given(arrays(np.float32, st.integers(0, 70), elements=st.floats(-200, 200, width=32)))
def test_rows(x: NDArray[np.float32]) -> None:
    assert worst(x) <= ULPS


def test_ends_and_what_is_no_number() -> None:
    x = np.array([0.0, -0.0, -np.inf, np.inf, np.nan, -87.0, 88.0, 1e-40], np.float32)
    memory = powers(8)
    exponentials(x, memory)
    assert x[0] == x[1] == x[7] == 1.0
    assert 0.0 < x[2] == x[5] < 2e-38
    assert np.isfinite(x[3])
    assert x[3] == x[6]
    assert np.isnan(x[4])


@pytest.mark.slow
def test_all_numbers() -> None:
    low, high = (int(np.float32(end).view(np.uint32)) for end in (1e-8, 88.0))
    for begin in range(low, high, 1 << 22):
        x = np.arange(begin, min(begin + (1 << 22), high), dtype=np.uint32).view(np.float32)
        assert worst(x) <= ULPS
        assert worst(-x) <= ULPS

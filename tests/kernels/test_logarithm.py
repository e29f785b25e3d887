"""Logarithms of whole rows, beside the C library's in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from kernels.compiled import compiled
from kernels.logarithm import ULPS, take_logarithms

SMALLEST = float(np.finfo(np.float32).tiny)


@compiled
def logarithms(x: NDArray[np.float32], bits: NDArray[np.int32], memory: NDArray[np.float32]) -> None:
    take_logarithms(x, bits, memory)


def worst(x: NDArray[np.float32]) -> float:
    """The largest error of a row, in units in the last place, of 1/16 at least."""
    found = x.copy()
    logarithms(found, found.view(np.int32), np.full(len(x), np.nan, np.float32))
    truth = np.log(x.astype(np.float64))
    errors = np.abs(found - truth) / np.spacing(np.maximum(np.abs(truth), 1 / 16).astype(np.float32))
    assert not np.isnan(errors).any()
    return float(errors.max(initial=0.0))


@given(arrays(np.float32, st.integers(0, 70), elements=st.floats(SMALLEST, 2.0**127, width=32)))
def test_rows(x: NDArray[np.float32]) -> None:
    assert worst(x) <= ULPS


@pytest.mark.slow
def test_all_numbers() -> None:
    low, high = (int(np.float32(end).view(np.uint32)) for end in (SMALLEST, 3e38))
    for begin in range(low, high, 1 << 22):
        assert worst(np.arange(begin, min(begin + (1 << 22), high), dtype=np.uint32).view(np.float32)) <= ULPS

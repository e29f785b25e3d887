"""What happens to one row, against float64, with bounds from the precision of float32."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from kernels.conformer import rows

EPSILON = float(np.finfo(np.float32).eps)
ROWS = st.integers(0, 2**32 - 1).map(lambda seed: row_of(np.random.default_rng(seed)))


def row_of(rng: np.random.Generator) -> np.ndarray:
    values = rng.normal(0, 10.0 ** rng.integers(-3, 3), rng.integers(1, 200))
    values[rng.random(len(values)) < 0.05] *= 100
    return values.astype(np.float32)


@njit
def call_exponential(x, out):  # type: ignore[no-untyped-def]
    for i in range(len(x)):
        out[i] = rows.exponential(x[i])


@njit
def call_level(x, out, most):  # type: ignore[no-untyped-def]
    return rows.level(x, out, most)


@njit
def call_greatest(x):  # type: ignore[no-untyped-def]
    return rows.greatest(x)


def test_exponential() -> None:
    x = np.concatenate([np.linspace(-87, 88, 200_001), [-88, -1e30, -np.inf, 0, 100, np.nan]]).astype(np.float32)
    out = np.full_like(x, np.nan)
    call_exponential(x, out)
    expected = np.exp(x[:-6].astype(float))
    assert (np.abs(out[:-6] - expected) <= 2 * EPSILON * expected).all()
    assert (out[-6:-3] == 0).all()
    assert out[-3] == 1
    assert out[-2] == pytest.approx(np.exp(88.0), rel=1e-6)
    assert np.isnan(out[-1])


@given(ROWS, st.sampled_from([127, 17_613, 29_356, 32_767]))
def test_levels_are_within_half_of_one(x: np.ndarray, most: int) -> None:
    out = np.full(len(x), -1, np.int16)
    worth = float(call_level(x, out, np.float32(most)))
    peak = float(np.abs(x).max())
    assert np.abs(out.astype(int)).max() == (most if peak else 0)
    assert worth == pytest.approx(peak / most, rel=EPSILON)
    # Half a level, and the last bits of the factor and of the product, which are of the size of the level itself.
    assert (np.abs(out * worth - x) <= (0.5 + 4 * EPSILON * most) * worth).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_that_is_not_finite_is_worth_nan(bad: float) -> None:
    out = np.full(9, -1, np.int16)
    assert np.isnan(call_level(np.asarray([1, 2, 3, 4, bad, 6, 7, 8, 9], np.float32), out, np.float32(100)))
    assert not out.any()


@given(ROWS)
def test_greatest(x: np.ndarray) -> None:
    assert call_greatest(x) == x.max()

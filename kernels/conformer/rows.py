"""What happens to one row at a time: norms, logistic gates, rounding to levels, softmax; float32, compiled.

A row's result depends on the row alone, never on those beside it. Loops are written so that LLVM makes vectors of
them: a reduction over floats may be summed in lanes (``reassoc``), and the greatest of floats is found among integers
that have their order.

Source of the exponential: Moshier's Cephes, expf.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numba import njit

from kernels.compiled import inner
from kernels.conformer.addresses import F32, I16, apart
from kernels.conformer.bits import bits_of, float_of
from kernels.conformer.weights import EPSILON

_f = np.float32
_EPSILON, _ZERO, _ONE, _NAN = _f(EPSILON), _f(0.0), _f(1.0), _f(np.nan)
_MAGIC = _f(12_582_912.0)  # 1.5 * 2**23: what is added to it is rounded to the nearest integer
_MAGIC_BITS = np.int32(_MAGIC.view(np.int32))
_ALL_BUT_SIGN = np.int32(0x7FFFFFFF)
_INFINITE = np.int32(0x7F800000)
_LOG2E, _LN2_HIGH, _LN2_LOW = _f(1.44269504088896341), _f(0.693359375), _f(-2.12194440e-4)
_LEAST, _MOST = _f(-87.0), _f(88.0)
_P0, _P1, _P2 = _f(1.9875691500e-4), _f(1.3981999507e-3), _f(8.3334519073e-3)
_P3, _P4, _P5 = _f(4.1665795894e-2), _f(1.6666665459e-1), _f(5.0000001201e-1)
_ONE_BITS = np.int32(0x3F800000)


def summing(function: Any) -> Any:
    """Compile a function whose float sums may be taken in lanes."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "fastmath": {"reassoc", "contract"}}
    return cast(Any, njit(cache=True, nogil=True, error_model="numpy", **options)(function))


@inner
def exponential(x: np.float32) -> np.float32:
    """e to the x, within 2 units of the last place; nothing below -87, and no more than e to the 88."""
    vanishes = x < _LEAST
    x = _LEAST if vanishes else x
    x = _MOST if x > _MOST else x
    rounded = x * _LOG2E + _MAGIC
    whole = rounded - _MAGIC
    r = x - whole * _LN2_HIGH - whole * _LN2_LOW
    p = ((((_P0 * r + _P1) * r + _P2) * r + _P3) * r + _P4) * r + _P5
    power = np.int32((np.int32(bits_of(rounded) - _MAGIC_BITS) << 23) + _ONE_BITS)
    return _ZERO if vanishes else (p * r * r + r + _ONE) * float_of(power)


@inner
def logistic(x: np.float32) -> np.float32:
    """1 / (1 + exp(-x))."""
    return _ONE / (_ONE + exponential(-x))


@inner
def copy(source: F32, target: F32) -> None:
    """As many rows as both have, (n, W) and (m, W)."""
    for row in range(min(len(source), len(target))):
        for i in range(target.shape[1]):
            target[row, i] = source[row, i]


@summing
def normalise(x: F32, gain: F32, bias: F32, out: F32) -> None:
    """Layer norm of a row; ``out`` may be ``x``."""
    apart()
    count = np.float32(len(x))
    total = np.float32(0.0)
    for i in range(len(x)):
        total += x[i]
    mean = total / count
    squares = np.float32(0.0)
    for i in range(len(x)):
        squares += (x[i] - mean) * (x[i] - mean)
    factor = _ONE / np.sqrt(squares / count + _EPSILON)
    for i in range(len(x)):
        out[i] = (x[i] - mean) * factor * gain[i] + bias[i]


@inner
def level(x: F32, out: I16, most: np.float32) -> np.float32:
    """Round a row to levels of 16 bits, the greatest of which is ``most``; gives what one level is worth.

    A row with a value that is not finite is worth NaN, so that what is made of it is NaN too.
    """
    apart()
    peak = np.int32(0)
    for i in range(len(x)):
        size = np.int32(bits_of(x[i]) & _ALL_BUT_SIGN)
        peak = max(peak, size)
    if peak == 0 or peak >= _INFINITE:
        for i in range(len(x)):
            out[i] = 0
        return _ZERO if peak == 0 else _NAN
    greatest = float_of(peak)
    factor = most / greatest
    for i in range(len(x)):
        out[i] = np.int16(bits_of(x[i] * factor + _MAGIC) - _MAGIC_BITS)
    return np.float32(greatest / most)


@inner
def silu(x: F32, out: F32) -> None:
    """x times its logistic; ``out`` may be ``x``."""
    apart()
    for i in range(len(x)):
        out[i] = x[i] * logistic(x[i])


@inner
def gate(x: F32, out: F32) -> None:
    """The first half of a row, gated by the logistic of the second."""
    apart()
    width = len(out)
    for i in range(width):
        out[i] = x[i] * logistic(x[i + width])


@inner
def square_positive(x: F32) -> None:
    """Positive values squared, the others zero."""
    for i in range(len(x)):
        positive = _ZERO if x[i] < _ZERO else x[i]
        x[i] = positive * positive


@inner
def greatest(x: F32) -> np.float32:
    """The greatest value of a row, found among integers in the order of the floats; NaN may count as anything."""
    most = np.int32(-0x80000000)
    for i in range(len(x)):
        bits = bits_of(x[i])
        most = max(most, np.int32(bits ^ np.int32((bits >> 31) & _ALL_BUT_SIGN)))
    return np.float32(float_of(np.int32(most ^ np.int32((most >> 31) & _ALL_BUT_SIGN))))


@summing
def softmax(x: F32, shift: F32) -> None:
    """Shares of a row's values, to which ``shift`` is added first; in place."""
    apart()
    for i in range(len(x)):
        x[i] += shift[i]
    most = greatest(x)
    total = np.float32(0.0)
    for i in range(len(x)):
        x[i] = exponential(x[i] - most)
        total += x[i]
    factor = _ONE / total
    for i in range(len(x)):
        x[i] *= factor


@summing
def log_softmax(x: F32, out: F32) -> None:
    """Natural log-probabilities of a row's scores."""
    apart()
    most = greatest(x)
    total = np.float32(0.0)
    for i in range(len(x)):
        total += exponential(x[i] - most)
    rest = most + np.float32(np.log(total))
    for i in range(len(x)):
        out[i] = x[i] - rest

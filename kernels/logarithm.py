"""Natural logarithms of float32 rows in vector registers.

Source: the reduction and the polynomial of Cephes' logf (S. Moshier). Error at most ``ULPS`` units in the last place of
the result, or of 1/16 where the result is smaller, found by trying all normal float32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import inner

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

ULPS = 2

_HALF, _ONE = np.float32(0.5), np.float32(1.0)
_ROOT = np.float32(0.70710678118654752440)
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_C0, _C1, _C2 = np.float32(7.0376836292e-2), np.float32(-1.1514610310e-1), np.float32(1.1676998740e-1)
_C3, _C4, _C5 = np.float32(-1.2420140846e-1), np.float32(1.4249322787e-1), np.float32(-1.6668057665e-1)
_C6, _C7, _C8 = np.float32(2.0000714765e-1), np.float32(-2.4999993993e-1), np.float32(3.3333331174e-1)
_MANTISSA, _BIAS = np.int32(23), np.int32(126)
_FRACTION, _EXPONENT_OF_HALF = np.int32(0x007FFFFF), np.int32(0x3F000000)


@inner
def take_logarithms(x: F32, bits: I32, exponents: F32) -> None:
    """Replace positive normal numbers (n,) by their logarithms.

    Args:
        x: in and out.
        bits: (n,) the same memory as ``x``.
        exponents: (n,) working memory.
    """
    n = len(x)
    for i in range(n):
        exponents[i] = np.float32((bits[i] >> _MANTISSA) - _BIAS)
        bits[i] = (bits[i] & _FRACTION) | _EXPONENT_OF_HALF
    for i in range(n):
        small = x[i] < _ROOT
        e = exponents[i] - _ONE if small else exponents[i]
        f = (x[i] + x[i] if small else x[i]) - _ONE
        z = f * f
        p = (((((((_C0 * f + _C1) * f + _C2) * f + _C3) * f + _C4) * f + _C5) * f + _C6) * f + _C7) * f + _C8
        x[i] = (f + (p * f * z + e * _LN2_LOW - _HALF * z)) + e * _LN2_HIGH

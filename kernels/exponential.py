"""Exponentials of float32 rows in vector registers; also what is made of them: the logistic function, the softmax.

``exp`` of the C library takes one number at a time. Here a row passes through a few plain loops, each of which the
compiler turns into vector instructions; the power of two is put together from its bits.

Source: Cody and Waite, "Software Manual for the Elementary Functions" (1980), for the reduction; the polynomial is the
one of Cephes' expf (S. Moshier). Error at most ``ULPS`` units in the last place, found by trying all float32 between
-87 and 88.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import inner

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

ULPS = 2
LOWEST, HIGHEST = np.float32(-87.0), np.float32(88.0)  # beyond them the result stays what it is there

_LOG2E = np.float32(1.44269504088896341)
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_ROUND = np.float32(12582912.0)  # 1.5 * 2**23: adding and taking it off rounds to the nearest integer
_C0, _C1, _C2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
_C3, _C4, _C5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
_ONE = np.float32(1.0)
_BIAS, _MANTISSA = np.int32(127), np.int32(23)


class Powers(NamedTuple):
    """Working memory: powers of two, once as numbers and once as their bits."""

    numbers: F32  # (n,)
    bits: I32  # (n,) the same memory


def powers(room: int) -> Powers:
    """Working memory for rows of up to ``room`` numbers."""
    numbers = np.zeros(room, np.float32)
    return Powers(numbers, numbers.view(np.int32))


@inner
def exponentiate(x: F32, memory: Powers) -> None:
    """Replace numbers (n,) by their exponentials; what is no number stays none."""
    n = len(x)
    two, bits = memory.numbers[:n], memory.bits[:n]
    for i in range(n):
        bounded = min(max(x[i], LOWEST), HIGHEST) if x[i] == x[i] else x[i]
        whole = (bounded * _LOG2E + _ROUND) - _ROUND
        r = (bounded - whole * _LN2_HIGH) - whole * _LN2_LOW
        p = ((((_C0 * r + _C1) * r + _C2) * r + _C3) * r + _C4) * r + _C5
        x[i] = p * (r * r) + r + _ONE
        two[i] = whole
    for i in range(n):
        bits[i] = (np.int32(two[i]) + _BIAS) << _MANTISSA
    for i in range(n):
        x[i] *= two[i]

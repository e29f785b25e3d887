"""What threads do together, where there is only one: the CPU's side of what ``gpu`` gives a thread block.

``together`` is written for many threads that share a lane. Compiled with these it is a plain search.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import inner


@inner
def block() -> int:
    """Which of the lanes this is."""
    return 0


@inner
def blocks() -> int:
    """Lanes that run at once."""
    return 1


@inner
def thread() -> int:
    """Which of the lane's threads this is."""
    return 0


@inner
def threads() -> int:
    """Threads of a lane."""
    return 1


@inner
def barrier() -> None:
    """Wait for the lane's other threads, and see what they wrote."""


@inner
def fetch_add(array: NDArray[Any], place: int, value: int) -> int:
    """Add to a place at once; what was there before."""
    before = array[place]
    array[place] = before + value
    return int(before)


@inner
def raise_to(array: NDArray[Any], place: int, value: int) -> None:
    """Make a place at least so large, at once."""
    if value > array[place]:
        array[place] = value


@inner
def swap(array: NDArray[Any], place: int, expected: int, value: int) -> int:
    """Write to a place if it holds what is expected, at once; what was there before."""
    before = array[place]
    if before == expected:
        array[place] = value
    return int(before)


@inner
def bits(score: float) -> int:
    """The bits of a score as float32, as a signed number."""
    return int(np.float32(score).view(np.int32))


@inner
def from_bits(number: int) -> float:
    """The float32 of these bits."""
    return float(np.int32(number).view(np.float32))

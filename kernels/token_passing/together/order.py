"""Candidates as numbers that one atomic maximum orders: the score above, the source and move below."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.compiled import inlined
from kernels.token_passing import PHONE_BITS
from kernels.token_passing.alone import bits, from_bits
from kernels.token_passing.batch import MOVE_BITS, NOTHING

PHONE_MASK = (1 << PHONE_BITS) - 1
MOVE_MASK = (1 << MOVE_BITS) - 1
LOW = (1 << 32) - 1


@inlined
def larger(one: Any, other: Any) -> Any:
    """Of two numbers; the built-in ``max`` is not known to every compiler that reads this."""
    return one if one > other else other


@inlined
def smaller(one: Any, other: Any) -> Any:
    """Of two numbers."""
    return one if one < other else other


@inlined
def pack(score: float, source: int, move: int) -> int:
    """A candidate as a number that is larger for a better score, and then for an earlier source and move."""
    pattern = bits(score)
    ordered = pattern if pattern >= 0 else pattern ^ 0x7FFFFFFF
    return (ordered << 32) | (LOW - ((source << MOVE_BITS) | move))


@inlined
def score_of(packed: int) -> float:
    """The score of a candidate, or of a place that holds none a value below all."""
    ordered = packed >> 32
    return from_bits(ordered if ordered >= 0 else ordered ^ 0x7FFFFFFF) if packed != NOTHING else -np.inf

"""Plain truth: the least peak of a small tape, by trying every order. Nobody optimises this file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from kernels.memory.tape import Spec


def least_peak(specs: Sequence[Spec]) -> int:
    """The peak of the best plan there is; n! steps for n buffers.

    Some order reaches it: take a best plan, and set down its buffers from the lowest offset to the highest, each as
    low as those already there let it. None comes to lie higher than it was.
    """
    return min((_stack(order) for order in permutations(specs)), default=0)


def _stack(order: Sequence[Spec]) -> int:
    ends: list[tuple[Spec, int]] = []
    for spec in order:
        floor = max((end for other, end in ends if other.meets(spec)), default=0)
        ends.append((spec, -(-floor // spec.align) * spec.align + spec.room))
    return max((end for _, end in ends), default=0)

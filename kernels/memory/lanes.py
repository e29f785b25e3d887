"""One arena for all batch sizes: a recogniser steps 1, 2, 4, ... streams at a time, never two batches at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kernels.memory.planning import Plan, plan
from kernels.memory.tape import Spec


@dataclass(frozen=True, slots=True)
class Lanes:
    """The plans of all batch sizes.

    Attributes:
        plans: by batch size, the largest first: the order in which graphs are captured over one arena.
        bytes: of the arena that every one of them fits.
    """

    plans: Mapping[int, Plan]
    bytes: int

    def bucket(self, batch: int) -> int:
        """The smallest planned batch size that holds so many streams.

        Raises:
            ValueError: none does, or there are no streams.
        """
        if not 0 < batch <= max(self.plans):
            raise ValueError(f"a batch of {batch} streams; lanes are planned for 1 to {max(self.plans)}")
        return min(size for size in self.plans if size >= batch)


def plan_buckets(tapes: Mapping[int, Iterable[Spec]]) -> Lanes:
    """Plan a tape for each batch size.

    Raises:
        ValueError: there is none, a batch size is not positive, or a tape is wrong.
    """
    if not tapes or min(tapes) <= 0:
        raise ValueError(f"tapes for batches of {sorted(tapes)} streams; give at least one, of 1 stream or more")
    plans = {batch: plan(tapes[batch]) for batch in sorted(tapes, reverse=True)}
    return Lanes(plans, max(one.peak for one in plans.values()))

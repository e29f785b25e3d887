"""What the runs of an arm come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SETTLED = 40  # ticks before the figures begin

HEAD = """\
| memory | p50 ms | p99 ms | most ms | reserved, most MiB | over what is needed | calls a tick | streams admitted |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Arm:
    """Figures of one arm; times are of ticks, each the fastest of the rounds.

    Attributes:
        milliseconds: p50, p99 and the most.
        reserved: bytes after each tick, of the first round.
        needed: bytes of records and of the largest step in each tick: what no allocator can do without.
        overhead: the most reserved over the most needed.
        calls: requests a tick, on average, by whom they went to.
        busiest: the most requests in a tick, by whom they went to.
        admitted: streams at once within the budget.
        predicted: by arithmetic; None where there is none to do.
        ended: why no more were admitted.
    """

    milliseconds: tuple[float, float, float]
    reserved: Sequence[int]
    needed: Sequence[int]
    overhead: float
    calls: Mapping[str, float]
    busiest: Mapping[str, int]
    admitted: int
    predicted: int | None
    ended: str


def combine(runs: Sequence[Mapping[str, Any]], limit: Mapping[str, Any]) -> Arm:
    """Combine rounds of the same trace, each longer than ``SETTLED`` ticks, and the run against the budget."""
    times = np.min([run["times"] for run in runs], axis=0)[SETTLED:] / 1e6
    first = runs[0]
    calls = {name: np.asarray(counts[SETTLED:]) for name, counts in first["calls"].items()}
    return Arm(
        milliseconds=(float(np.percentile(times, 50)), float(np.percentile(times, 99)), float(times.max())),
        reserved=first["reserved"],
        needed=first["needed"],
        overhead=max(first["reserved"]) / max(first["needed"]),
        calls={name: float(counts.mean()) for name, counts in calls.items()},
        busiest={name: int(counts.max()) for name, counts in calls.items()},
        admitted=limit["admitted"],
        predicted=limit["predicted"],
        ended=limit["ended"],
    )


def table(arms: Mapping[str, Arm]) -> str:
    """The figures as a Markdown table."""
    return "\n".join([HEAD, *(_row(name, arm) for name, arm in arms.items())])


def _row(name: str, arm: Arm) -> str:
    times = " | ".join(f"{one:.1f}" for one in arm.milliseconds)
    calls = ", ".join(f"{count:,.1f} {to}" for to, count in arm.calls.items())
    admitted = f"{arm.admitted}" if arm.predicted is None else f"{arm.admitted} (predicted {arm.predicted})"
    reserved = f"{max(arm.reserved) / (1 << 20):.1f}"
    return f"| {name} | {times} | {reserved} | {arm.overhead:.2f}x | {calls} | {admitted} |"

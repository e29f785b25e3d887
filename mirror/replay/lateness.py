"""How faithful a replay was: the lateness of every packet, and whether it stayed in its budget."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mirror.replay.ranks import rank
from testsets.events import EventLog, Kind

BUDGET_NS = 20_000_000  # p99 of what may be called real time
MS = 1_000_000
# Upper edges of the histogram, 1-2-5 steps; what is later than the last one is counted apart.
EDGES_NS = tuple(round(step * 10**power * MS) for power in range(-1, 4) for step in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Lateness:
    """Exact order statistics (nearest rank) of actual minus intended send time; None where nothing was sent.

    What a recogniser that took no audio held back is not the replay's lateness; ``back_pressure`` counts it.
    """

    packets: int
    p50_ns: int | None
    p99_ns: int | None
    max_ns: int | None
    budget_ns: int
    histogram: tuple[int, ...] = ()  # packets up to each of EDGES_NS and above the one before; the last: beyond all

    @property
    def valid(self) -> bool:
        """False when the run was too late to say anything about a recogniser's latency."""
        return self.p99_ns is None or self.p99_ns <= self.budget_ns

    def to_dict(self) -> dict[str, Any]:
        """Its figures by name, times in nanoseconds."""
        edges: tuple[int | None, ...] = (*EDGES_NS, None)
        return {
            "packets": self.packets,
            "p50_ns": self.p50_ns,
            "p99_ns": self.p99_ns,
            "max_ns": self.max_ns,
            "budget_ns": self.budget_ns,
            "valid": self.valid,
            "histogram": [[edge, count] for edge, count in zip(edges, self.histogram, strict=False) if count],
        }


def lateness(logs: Iterable[EventLog], budget_ns: int = BUDGET_NS) -> Lateness:
    """Lateness over all packets of all logs that had an intended time; logs may come one by one."""
    late = array("q")  # 8 bytes a packet, so that a day of load fits
    for log in logs:
        for event in log.events:
            if event.kind is Kind.AUDIO and event.due_ns is not None:
                late.append(event.wall_ns - event.due_ns - int(event.detail.get("held_ns", 0)))
    values = sorted(late)
    return Lateness(len(values), rank(values, 50), rank(values, 99), rank(values, 100), budget_ns, _histogram(values))


def _histogram(values: list[int]) -> tuple[int, ...]:
    below = [bisect_right(values, edge) for edge in EDGES_NS] + [len(values)]
    return tuple(upto - before for before, upto in zip([0, *below], below, strict=False))

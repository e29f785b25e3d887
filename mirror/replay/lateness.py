"""How faithful a replay was: the lateness of every packet, and whether it stayed in its budget."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from testsets.events import EventLog, Kind

BUDGET_NS = 20_000_000  # p99 of what may be called real time


@dataclass(frozen=True, slots=True)
class Lateness:
    """Exact order statistics (nearest rank) of actual minus intended send time; None where nothing was sent."""

    packets: int
    p50_ns: int | None
    p99_ns: int | None
    max_ns: int | None
    budget_ns: int

    @property
    def valid(self) -> bool:
        """False when the run was too late to say anything about a recogniser's latency."""
        return self.p99_ns is None or self.p99_ns <= self.budget_ns

    def to_dict(self) -> dict[str, int | bool | None]:
        """Its figures by name, times in nanoseconds."""
        return {
            "packets": self.packets,
            "p50_ns": self.p50_ns,
            "p99_ns": self.p99_ns,
            "max_ns": self.max_ns,
            "budget_ns": self.budget_ns,
            "valid": self.valid,
        }


def lateness(logs: Iterable[EventLog], budget_ns: int = BUDGET_NS) -> Lateness:
    """Lateness over all packets of all logs that had an intended time."""
    late = sorted(
        event.wall_ns - event.due_ns - int(event.detail.get("held_ns", 0))
        for log in logs
        for event in log.events
        if event.kind is Kind.AUDIO and event.due_ns is not None
    )
    return Lateness(len(late), _rank(late, 50), _rank(late, 99), late[-1] if late else None, budget_ns)


def _rank(ordered: list[int], percent: int) -> int | None:
    return ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1] if ordered else None

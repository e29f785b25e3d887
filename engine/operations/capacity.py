"""How many sessions an engine can carry, as arithmetic over what its steps were measured to cost.

Every stream completes a chunk once in a chunk's time. In the worst case all complete it at the same moment; their steps
then run one batch after the other, and the last one must be done before its finals are late. So the places are the
most streams whose steps, all together, fit into the time that the finals leave for computing, and into the share of a
chunk's time that one thread may be busy. Overload is thus a refused session, never a late word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BUSY = (
    0.8  # share of its time that the engine's thread may work; the rest is for sockets, and for what was not measured
)


@dataclass(frozen=True, slots=True)
class StepCost:
    """What one step of some streams together costs."""

    streams: int
    nanoseconds: int


@dataclass(frozen=True, slots=True)
class CostTable:
    """Measured costs.

    Attributes:
        chunk: nanoseconds of audio that a step gives each stream.
        steps: of each operating point, by ascending number of streams, beginning with one.
    """

    chunk: int
    steps: Mapping[str, Sequence[StepCost]]

    def round(self, model: str, streams: int) -> int:
        """Nanoseconds to step so many streams once, in full batches of the largest size measured and a rest."""
        rows = self.steps[model]
        largest = rows[-1]
        full, rest = divmod(streams, largest.streams)
        return full * largest.nanoseconds + (_between(rows, rest) if rest else 0)


def places(table: CostTable, slack: int) -> int:
    """The sessions that can be promised, whatever operating point each of them chooses; at least one.

    Args:
        table: measured costs.
        slack: nanoseconds that a final leaves for computing and for the way to the client.
    """
    return max(1, min(places_of(table, model, slack) for model in table.steps))


def places_of(table: CostTable, model: str, slack: int) -> int:
    """The sessions of one operating point that fit."""
    budget = round(min(slack, table.chunk) * BUSY)
    sessions = 0
    while table.round(model, sessions + 1) <= budget:
        sessions += 1
    return sessions


def _between(rows: Sequence[StepCost], streams: int) -> int:
    """The cost of a batch size that was not measured, on the line between its neighbours."""
    above = next(row for row in rows if row.streams >= streams)
    if above.streams == streams:
        return above.nanoseconds
    below = max((row for row in rows if row.streams < streams), key=lambda row: row.streams)
    share = (streams - below.streams) / (above.streams - below.streams)
    return round(below.nanoseconds + share * (above.nanoseconds - below.nanoseconds))

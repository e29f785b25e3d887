"""The line of streams that wait for a step: earliest deadline first, in batches of one size; the clock is handed in.

A stream whose audio is there (see ``engine.pace``) waits in order of its deadline. One that is ahead of speech waits
until nobody else does, or until its audio is there too; so it costs the others at most the step that is running when
they come, and that step is kept small.

Source: Liu and Layland, "Scheduling algorithms for multiprogramming in a hard-real-time environment", JACM 1973: what
any order can do in time, this one does; here up to one step, which is never interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")
ALONE = 0  # the size of what cannot be stepped together with others: the end of a stream


@dataclass(frozen=True, slots=True)
class Limits:
    """How much goes together.

    Attributes:
        streams: of a batch.
        samples: of a batch, all streams together, so that a step of long chunks takes no longer than one of short ones.
        ahead: streams of a batch that is ahead of speech, while others might come.
    """

    streams: int
    samples: int
    ahead: int

    def of(self, size: int) -> int:
        """Streams of this size that may go together."""
        return 1 if size == ALONE else max(1, min(self.streams, self.samples // size))


@dataclass(frozen=True, slots=True, order=True)
class _Place(Generic[T]):
    """A stream in line; ordered by deadline, then by when it joined."""

    deadline: int  # ns
    number: int
    stream: T = field(compare=False)


class Line(Generic[T]):
    """Who waits.

    Args:
        limits: of a batch.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._numbers = count()
        self._due: dict[int, list[_Place[T]]] = {}  # by size, heaps by deadline
        self._ahead: dict[int, list[tuple[int, int, _Place[T]]]] = {}  # by size, heaps by here

    def __len__(self) -> int:
        """Streams in line."""
        return sum(map(len, self._due.values())) + sum(map(len, self._ahead.values()))

    def join(self, stream: T, size: int, here: int, deadline: int) -> None:
        """Wait for a step.

        Args:
            stream: who; never twice.
            size: samples that the step decodes, or ALONE; only equal sizes go together.
            here: nanoseconds, when its audio is there at the pace of speech.
            deadline: nanoseconds, when the step must be done.
        """
        place = _Place(deadline, next(self._numbers), stream)
        heappush(self._ahead.setdefault(size, []), (here, place.number, place))

    def leave(self, now: int, streams: int) -> list[T]:
        """Who is stepped together now, the most urgent first; nobody when the line is empty.

        Args:
            now: nanoseconds.
            streams: how many there are; those that are not in line may come while the step runs.
        """
        self._settle(now)
        if self._due:
            size = min(self._due, key=lambda size: self._due[size][0])
            return [place.stream for place in _pop(self._due, size, self._limits.of(size))]
        if self._ahead:
            size = min(self._ahead, key=lambda size: self._ahead[size][0])
            most = self._limits.of(size)
            if len(self) < streams:
                most = min(most, self._limits.ahead)
            return [place.stream for _, _, place in _pop(self._ahead, size, most)]
        return []

    def _settle(self, now: int) -> None:
        """Those whose audio is there by now are not ahead any more."""
        for size in tuple(self._ahead):
            while size in self._ahead and self._ahead[size][0][0] <= now:
                for _, _, place in _pop(self._ahead, size, 1):
                    heappush(self._due.setdefault(size, []), place)


P = TypeVar("P")


def _pop(heaps: dict[int, list[P]], size: int, most: int) -> list[P]:
    """The first of a heap, which is dropped once it is empty."""
    heap = heaps[size]
    popped = [heappop(heap) for _ in range(min(most, len(heap)))]  # type: ignore[type-var]
    if not heap:
        del heaps[size]
    return popped

"""Places behind the shared graph, lent to dictionaries and taken back."""

from __future__ import annotations

from collections import deque


class Room:
    """A row of places; whoever takes some holds a lock meanwhile, but gives them back at any time, on any thread."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._free: list[tuple[int, int]] = [(0, size)]  # first place and end of every gap, in order
        self._returned: deque[tuple[int, int]] = deque()  # a collector may return places in the middle of a ``take``

    def take(self, size: int) -> int | None:
        """The first of so many places in a row; None when no gap is large enough."""
        self._settle()
        for place, (begin, end) in enumerate(self._free):
            if end - begin >= size:
                self._free[place : place + 1] = [(begin + size, end)] if begin + size < end else []
                return begin
        return None

    def give_back(self, first: int, size: int) -> None:
        """Lend these places to others again."""
        self._returned.append((first, first + size))

    @property
    def free(self) -> int:
        """Places not lent."""
        self._settle()
        return sum(end - begin for begin, end in self._free)

    def _settle(self) -> None:
        while self._returned:
            self._free.append(self._returned.popleft())
        joined: list[tuple[int, int]] = []
        for begin, end in sorted(self._free):
            if joined and joined[-1][1] == begin:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((begin, end))
        self._free = joined

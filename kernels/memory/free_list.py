"""Which of a fixed number of places are free, as a stack of fixed size."""

from __future__ import annotations

from array import array


class FreeList:
    """Numbers 0 to ``count`` - 1, all free at first, the lowest on top.

    An array and not a list: a list gives memory back as it shrinks, and asks for it again as it grows.

    Attributes:
        left: how many are free.
    """

    def __init__(self, count: int) -> None:
        self._numbers = array("q", range(count - 1, -1, -1))
        self.left = count

    def take(self) -> int:
        """The number that was given back last; only while some are ``left``."""
        self.left -= 1
        return self._numbers[self.left]

    def give(self, number: int) -> None:
        """Put a taken number back."""
        self._numbers[self.left] = number
        self.left += 1

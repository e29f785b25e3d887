"""What every measure is: an algebraic value of integer counts."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable


@runtime_checkable
class Measure(Protocol):
    """A frozen value that can be added, has a zero (its class called without arguments), and can be empty."""

    def __add__(self, other: Self, /) -> Self: ...


@runtime_checkable
class Ratio(Measure, Protocol):
    """A measure whose derived rate is ``errors / total``."""

    @property
    def errors(self) -> int:
        """What counts against the recogniser, in the counts' unit."""
        ...

    @property
    def total(self) -> int:
        """What could have gone wrong, in the same unit."""
        ...

    @property
    def scale(self) -> int:
        """How many counts make one natural unit: 1 for words, the sample rate for samples."""
        ...

    @property
    def rate(self) -> float | None:
        """``errors / total``, or None where the total is 0."""
        ...

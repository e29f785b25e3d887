"""What a step needs: buffers with sizes and lives, in terms of a fixed list of ops, the tape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Spec:
    """A buffer of a tape.

    Attributes:
        name: unique within its tape.
        bytes: > 0.
        first: number of the op that writes it, >= 0.
        last: number of the last op that uses it, >= ``first``; both ends are included.
        align: its offset will be a multiple of this power of two. 64 is a cache line and a vector register of AVX-512,
            256 what kernels on GPUs expect of an allocation.

    Raises:
        ValueError: a number is out of its range.
    """

    name: str
    bytes: int
    first: int
    last: int
    align: int = 64

    def __post_init__(self) -> None:
        if self.bytes <= 0:
            raise ValueError(f"buffer {self.name!r} of {self.bytes} bytes; leave out what needs no memory")
        if not 0 <= self.first <= self.last:
            raise ValueError(f"buffer {self.name!r} lives from op {self.first} to op {self.last}; 0 <= first <= last")
        if self.align <= 0 or self.align & (self.align - 1):
            raise ValueError(f"buffer {self.name!r} aligned to {self.align}; give a power of two")

    @property
    def room(self) -> int:
        """Bytes that it takes up: rounded up to its alignment, so that vector code may read its last line whole."""
        return -(-self.bytes // self.align) * self.align

    def meets(self, other: Spec) -> bool:
        """Both are alive in some op."""
        return self.first <= other.last and other.first <= self.last


def lower_bound(specs: Iterable[Spec]) -> int:
    """The most bytes that are alive at once: no plan needs less."""
    changes: dict[int, int] = {}
    for spec in specs:
        changes[spec.first] = changes.get(spec.first, 0) + spec.room
        changes[spec.last + 1] = changes.get(spec.last + 1, 0) - spec.room
    return max(accumulate(changes[op] for op in sorted(changes)), default=0)

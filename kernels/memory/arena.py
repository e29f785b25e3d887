"""Memory taken from the system once, in one piece, resident from the start, and arrays in it.

A page that is touched for the first time costs the step that touches it a trip into the kernel. So an arena is mapped
once, with huge pages where the system allows them (fewer entries of the translation buffer), and locked in memory
where it allows that; otherwise every page is written once. What was granted can be read from the arena.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterable
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

HUGE_PAGE = 2 << 20
_PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


class Memory(Protocol):
    """What slabs and blocks are carved from: an ``Arena`` here, a ``gpu.DeviceArena`` there."""

    bytes: int

    def view(self, offset: int, shape: Iterable[int], dtype: DTypeLike) -> Any:
        """An array over the bytes from ``offset`` on."""


class Arena:
    """One anonymous mapping, all zeros.

    Args:
        bytes: wanted; rounded up to whole pages.
        lock: keep it in memory if the system's limit for locked memory allows.

    Attributes:
        bytes: mapped and usable.
        huge: huge pages were asked for, and the system knows them; ``huge_bytes`` says what it gave.
        locked: it cannot be swapped out.

    Raises:
        ValueError: ``bytes`` is not positive.
        MemoryError: the system has not so much.
    """

    def __init__(self, bytes: int, *, lock: bool = True) -> None:
        if bytes <= 0:
            raise ValueError(f"an arena of {bytes} bytes; a plan with at least one buffer has a peak above 0")
        self.bytes = -(-bytes // mmap.PAGESIZE) * mmap.PAGESIZE
        large = self.bytes >= HUGE_PAGE
        try:
            # Private: shared mappings, which are the default here, get no huge pages and are seen by forked children.
            self._mapping = mmap.mmap(-1, self.bytes + (HUGE_PAGE if large else 0), flags=_PRIVATE)
        except OSError as error:
            raise MemoryError(f"no {self.bytes:,} bytes in one piece ({error.strerror}); lower the limit") from None
        whole = np.frombuffer(self._mapping, np.uint8)
        skipped = -whole.ctypes.data % HUGE_PAGE if large else 0  # huge pages begin at multiples of their size
        self._all = whole[skipped : skipped + self.bytes]
        self.huge = large and _ask_for_huge_pages(self._mapping)
        self.locked = lock and _lock(self._all)
        if not self.locked:
            self._all[:: mmap.PAGESIZE] = 0

    @property
    def address(self) -> int:
        """Of the first byte; offset 0 of every view."""
        return int(self._all.ctypes.data)

    def view(self, offset: int, shape: Iterable[int], dtype: DTypeLike) -> NDArray[Any]:
        """An array over the bytes from ``offset`` on; it keeps the arena alive.

        Raises:
            ValueError: it would not lie wholly inside, or not where its type must.
        """
        kind, extent = np.dtype(dtype), tuple(shape)
        size = kind.itemsize * prod(extent)
        check_inside(offset, size, kind.alignment, self.bytes)
        return self._all[offset : offset + size].view(kind).reshape(extent)

    def poison(self) -> None:
        """Fill it with bytes that are NaN in every float: tests show so that nothing is read before it is written."""
        self._all[:] = 0xFF

    def huge_bytes(self) -> int:
        """Bytes of it that lie in huge pages now, as the system tells; 0 where it does not tell."""
        return _in_huge_pages(self.address, self.bytes)


def check_inside(offset: int, size: int, alignment: int, limit: int) -> None:
    """Raise ValueError unless a view lies inside an arena of ``limit`` bytes, at a multiple of ``alignment``."""
    if not 0 <= offset <= offset + size <= limit:
        raise ValueError(f"a view of bytes {offset} to {offset + size} of an arena of {limit}; plan it first")
    if offset % alignment:
        raise ValueError(f"a view at byte {offset}, which is no multiple of {alignment}; raise the buffer's alignment")


def _ask_for_huge_pages(mapping: mmap.mmap) -> bool:
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return False
    try:
        mapping.madvise(mmap.MADV_HUGEPAGE)
    except OSError:  # a system built without them
        return False
    return True


def _lock(memory: NDArray[np.uint8]) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    return int(library.mlock(ctypes.c_void_p(memory.ctypes.data), ctypes.c_size_t(memory.nbytes))) == 0


def _in_huge_pages(address: int, size: int) -> int:
    """Sum of ``AnonHugePages`` of the mappings that begin inside; see proc_pid_smaps(5)."""
    total, inside = 0, False
    try:
        with open("/proc/self/smaps", encoding="ascii", errors="replace") as lines:
            for line in lines:
                word = line.split(maxsplit=1)[0]
                if "-" in word and not word.endswith(":"):
                    first, last = (int(part, 16) for part in word.split("-"))
                    inside = first < address + size and address < last
                elif inside and word == "AnonHugePages:":
                    total += int(line.split()[1]) * 1024
    except OSError:
        return 0
    return min(total, size)

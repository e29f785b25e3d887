"""The counters of the allocator that a process was started with."""

from __future__ import annotations

import ctypes

NAMES = ("malloc", "calloc", "realloc", "aligned", "mmap", "free", "bytes", "large")


class Counters:
    """Two readings, and what happened between them; reading allocates nothing.

    Raises:
        RuntimeError: this process was started without the counting allocator.
    """

    def __init__(self) -> None:
        try:
            self._read = ctypes.CDLL(None).allocation_counts
        except AttributeError:
            raise RuntimeError("this process does not count allocations; start it by count_allocations") from None
        self._read.argtypes, self._read.restype = [ctypes.c_void_p], None
        self._before, self._after = (ctypes.c_uint64 * len(NAMES))(), (ctypes.c_uint64 * len(NAMES))()
        self._places = tuple(ctypes.c_void_p(ctypes.addressof(one)) for one in (self._before, self._after))
        self.begin()  # the first call of a function makes ctypes remember things

    def begin(self) -> None:
        """Read the counters."""
        self._read(self._places[0])

    def end(self) -> None:
        """Read them again."""
        self._read(self._places[1])

    def between(self) -> list[int]:
        """What was counted from ``begin`` to ``end``, in the order of ``NAMES``."""
        return [last - first for first, last in zip(self._before, self._after, strict=True)]

"""Slots for streams that join and leave: those that were reserved, and more when more streams come than that."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from kernels.memory import Slab, Slot, record_bytes
from kernels.memory.slab import Channels

Kept = TypeVar("Kept")


class Stay(Generic[Kept]):
    """One stream's slot, given back once: when its last holder lets go.

    Attributes:
        kept: the stream's state, of use as long as the stay is held.
    """

    def __init__(self, kept: Kept) -> None:
        self.kept = kept


class Slabs(Generic[Kept]):
    """Slabs of one kind of record; any thread may join, and let go.

    Args:
        channels: of one stream, as ``kernels.memory.Slab`` takes them.
        view: makes of a slab and a slot what the stream is to keep.
        growth: slots of a further slab, taken when a stream joins and all slots are taken.

    Attributes:
        record: bytes of one stream.
    """

    def __init__(self, channels: Channels, view: Callable[[Slab, Slot], Kept], growth: int = 1) -> None:
        self.record = record_bytes(channels)
        self._channels, self._view, self._growth = channels, view, growth
        self._slabs: list[Slab] = []
        self._left: deque[Slot] = deque()  # given back; a finaliser may run anywhere and takes no lock
        self._lock = Lock()

    @property
    def slots(self) -> int:
        """In all, taken or free."""
        return sum(slab.slots for slab in self._slabs)

    @property
    def free(self) -> int:
        """Slots that streams may join without a further slab."""
        with self._lock:
            self._settle()
            return sum(slab.free for slab in self._slabs)

    def reserve(self, slots: int) -> None:
        """Have at least so many slots in all, in memory from now on.

        Raises:
            MemoryError: the system has not so much.
        """
        with self._lock:
            if slots > self.slots:
                self._grow(slots - self.slots)

    def join(self) -> Stay[Kept]:
        """A slot of zeros.

        Raises:
            MemoryError: all are taken, and the system has no more.
        """
        with self._lock:
            self._settle()
            slab = next((one for one in self._slabs if one.free), None) or self._grow(self._growth)
            slot = slab.acquire()
            stay = Stay(self._view(slab, slot))
        weakref.finalize(stay, self._left.append, slot).atexit = False
        return stay

    def _settle(self) -> None:
        while self._left:
            slot = self._left.popleft()
            slot.slab.release(slot)

    def _grow(self, slots: int) -> Slab:
        slab = Slab(self._channels, slots)
        self._slabs.append(slab)
        return slab

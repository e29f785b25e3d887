"""The kept state of every stream: a record each, of named channels, in memory that was counted out before start-up.

All records' values of one channel lie together, so that each channel is one contiguous array (slots, *shape) that
compiled code can index by slot. A stream owns its slot from ``acquire`` to ``release``; both take the same time
however many there are, and take nothing from the system. A slab belongs to the thread that steps the streams.

The design, lanes of working memory and channels of kept state, is that of Kaldi's decoder for GPUs
(Braun et al., "GPU-Accelerated Viterbi Exact Lattice Decoder for Batched Online and Offline Speech Recognition",
arXiv 1910.10032).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from kernels.memory.arena import Arena, Memory
from kernels.memory.errors import FullError, ReleaseError
from kernels.memory.free_list import FreeList

Channels = Mapping[str, tuple[DTypeLike, Sequence[int]]]
ALIGN = 256  # of every channel


class Slot(int):
    """A stream's place in every channel: an index that knows which stay of which stream it belongs to."""

    stay: int
    slab: Slab


class Slab:
    """A fixed number of records, all free at first.

    Args:
        channels: name -> (dtype, shape) of one stream's part of it.
        slots: streams.
        memory: to carve it from; None takes an arena of its own.
        offset: of its first byte in ``memory``, a multiple of 256.

    Attributes:
        slots: in all.
        record: bytes of one stream, as ``record_bytes`` gives them.

    Raises:
        ValueError: no channels, no slots, or ``memory`` is too small.
    """

    def __init__(self, channels: Channels, slots: int, memory: Memory | None = None, offset: int = 0) -> None:
        if not channels or slots <= 0:
            raise ValueError(f"a slab of {slots} slots with {len(channels)} channels; give at least one of each")
        self.slots, self.record = slots, record_bytes(channels)
        self.memory: Memory = Arena(slots * self.record) if memory is None else memory
        self.memory.view(offset, (slots * self.record,), np.uint8)  # refuses what the last channel alone would let pass
        views = {}
        for name, (dtype, shape) in channels.items():
            views[name] = self.memory.view(offset, (slots, *shape), dtype)
            offset += slots * _room(dtype, shape)
        self._views = MappingProxyType(views)
        self._free = FreeList(slots)
        self._stays = [0] * slots  # odd while the slot is held

    @property
    def free(self) -> int:
        """Slots that can be acquired now."""
        return self._free.left

    def view(self, name: str) -> Any:
        """All streams' values of a channel: (slots, *shape), contiguous."""
        return self._views[name]

    def acquire(self) -> Slot:
        """Take a slot for a stream that joins; its record is all zeros.

        Raises:
            FullError: all are taken.
        """
        if not self._free.left:
            raise FullError(f"all {self.slots} slots are taken; refuse the stream, or plan for more")
        slot = Slot(self._free.take())
        self._stays[slot] += 1
        slot.stay, slot.slab = self._stays[slot], self
        for values in self._views.values():
            values[slot] = 0
        return slot

    def release(self, slot: int) -> None:
        """Give a slot back; streams may leave in any order.

        Raises:
            ReleaseError: it is not held: given back before, acquired again since, or of another slab.
        """
        if not isinstance(slot, Slot) or slot.slab is not self:
            raise ReleaseError(f"slot {int(slot)} was not acquired from this slab; release what `acquire` gave")
        if self._stays[slot] != slot.stay:
            raise ReleaseError(f"slot {int(slot)} was released before; a stream releases its slot once, when it leaves")
        self._stays[slot] += 1
        self._free.give(int(slot))


def record_bytes(channels: Channels) -> int:
    """Bytes that each stream takes of a slab; S streams take S times as many, exactly."""
    return sum(_room(dtype, shape) for dtype, shape in channels.values())


def _room(dtype: DTypeLike, shape: Sequence[int]) -> int:
    return -(-np.dtype(dtype).itemsize * prod(shape) // ALIGN) * ALIGN

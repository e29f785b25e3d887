"""Memory for what grows with speech, such as lattices: blocks of one size, so that any free one will do.

When none is left the answer is None, and the search makes do with what it has by a tighter beam. Kaldi's decoder for
GPUs treats its queues like this (arXiv 1910.10032, section 3); an allocator would instead stall every stream for one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from kernels.memory.arena import Arena, Memory
from kernels.memory.errors import ReleaseError
from kernels.memory.free_list import FreeList


class Blocks:
    """A fixed number of equal blocks, all free at first; ``take`` and ``give`` take the same time however many.

    Args:
        count: blocks.
        bytes: of each, a multiple of 64.
        memory: to carve them from; None takes an arena of its own.
        offset: of the first block in ``memory``.

    Raises:
        ValueError: a size is not positive or not such a multiple, or ``memory`` is too small.
    """

    def __init__(self, count: int, bytes: int, memory: Memory | None = None, offset: int = 0) -> None:
        if count <= 0 or bytes <= 0 or bytes % 64:
            raise ValueError(f"{count} blocks of {bytes} bytes; give at least one, of a positive multiple of 64 bytes")
        self.count, self.bytes, self._offset = count, bytes, offset
        self.memory: Memory = Arena(count * bytes) if memory is None else memory
        self.memory.view(offset, (count, bytes), "u1")
        self._free = FreeList(count)
        self._taken = bytearray(count)

    @property
    def free(self) -> int:
        """Blocks that can be taken now."""
        return self._free.left

    def view(self, dtype: DTypeLike) -> Any:
        """All blocks, (count, n) of a type whose size divides that of a block."""
        return self.memory.view(self._offset, (self.count, self.bytes // np.dtype(dtype).itemsize), dtype)

    def take(self) -> int | None:
        """A free block, with whatever was last in it; None if all are taken."""
        if not self._free.left:
            return None
        block = self._free.take()
        self._taken[block] = 1
        return block

    def give(self, block: int) -> None:
        """Give a block back.

        Raises:
            ReleaseError: it is not taken.
        """
        if not 0 <= block < self.count or not self._taken[block]:
            raise ReleaseError(f"block {block} of {self.count} is not taken; give each block back once")
        self._taken[block] = 0
        self._free.give(block)

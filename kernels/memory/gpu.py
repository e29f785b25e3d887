"""An arena on a device: one allocation of torch's, and tensors in it."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from kernels.memory.arena import check_inside

ALIGN = 256


class DeviceArena:
    """One ``torch.empty`` of bytes, set to zeros.

    Args:
        bytes: wanted; rounded up to a multiple of 256.
        device: as torch calls it, "cuda", "cuda:1" or "cpu".

    Attributes:
        bytes: allocated.
        tensor: (bytes,) uint8, all of it.

    Raises:
        ValueError: ``bytes`` is not positive.
        torch.OutOfMemoryError: the device has not so much.
    """

    def __init__(self, bytes: int, device: str = "cuda") -> None:
        import torch

        if bytes <= 0:
            raise ValueError(f"an arena of {bytes} bytes; a plan with at least one buffer has a peak above 0")
        self.bytes = -(-bytes // ALIGN) * ALIGN
        self.tensor = torch.empty(self.bytes, dtype=torch.uint8, device=device).zero_()

    def view(self, offset: int, shape: Iterable[int], dtype: DTypeLike | Any) -> Any:
        """A tensor over the bytes from ``offset`` on.

        Args:
            offset: in bytes.
            shape: of the tensor.
            dtype: one of torch's, or of numpy's that torch has too.

        Raises:
            ValueError: it would not lie wholly inside, or not where its type must.
        """
        kind, extent = _torch_type(dtype), tuple(shape)
        size = kind.itemsize * prod(extent)
        check_inside(offset, size, kind.itemsize, self.bytes)
        return self.tensor[offset : offset + size].view(kind).view(extent)

    def poison(self) -> None:
        """Fill it with bytes that read as NaN in every float: for tests."""
        self.tensor.fill_(0xFF)


def _torch_type(dtype: DTypeLike | Any) -> Any:
    import torch

    if isinstance(dtype, torch.dtype):
        return dtype
    return torch.from_numpy(np.zeros(0, dtype)).dtype

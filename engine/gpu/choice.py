"""Which implementation of an operation runs: a kernel where there is one for the device, else plain torch."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import NamedTuple

from engine.gpu import operations
from engine.gpu.operations import Operation


class Chosen(NamedTuple):
    """An operation, and what it is by name: ``triton`` or ``torch``."""

    run: Operation
    by: str


def choose(device: str) -> Mapping[str, Chosen]:
    """The operations that have or may have kernels, for a device as torch calls it."""
    plain: dict[str, Chosen] = {
        "attention": Chosen(operations.attention, "torch"),
        "convolution": Chosen(operations.convolution, "torch"),
    }
    if device.startswith("cuda") and importlib.util.find_spec("triton") is not None:
        return plain | _kernels()
    return plain


def _kernels() -> dict[str, Chosen]:
    from kernels.attention_ring.gpu import attend
    from kernels.convolution_ring.gpu import convolve

    return {"attention": Chosen(attend, "triton"), "convolution": Chosen(convolve, "triton")}

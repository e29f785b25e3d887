"""The one way kernels are compiled for GPUs: by Triton, for the types they are first launched with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast

import triton


class Launched(Protocol):
    """A kernel: ``kernel[grid](arguments, num_warps=...)`` starts one program for each place of the grid.

    Kernels call others as functions, which become part of them.
    """

    def __getitem__(self, grid: tuple[int, ...]) -> Callable[..., object]: ...

    def __call__(self, *arguments: object) -> Any: ...


def launched(function: Callable[..., Any]) -> Launched:
    """Compile a function at its first launch.

    With ``TRITON_INTERPRET=1`` in the environment when this runs, programs are interpreted on the CPU instead, one
    after the other: right in float32 and float16, wrong in products of bfloat16 (triton issue 11584).
    """
    return cast("Launched", triton.jit(function))


def check_device(kernel: str, device: str) -> None:
    """Hold arrays to a device on which Triton runs.

    Raises:
        ValueError: it is none, and kernels are not interpreted.
    """
    if not device.startswith("cuda") and not triton.knobs.runtime.interpret:
        raise ValueError(
            f"{kernel}: arrays lie on {device}; bring them to a CUDA device, or call the kernel's cpu module"
        )

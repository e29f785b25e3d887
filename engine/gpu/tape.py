"""A step written down as a list of calls on named buffers, so that its memory can be laid out before it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor

from kernels.memory import Plan, Spec

ALIGN = 256  # bytes; what kernels on GPUs expect of an allocation
Call = Callable[[], object]
Operation = Callable[..., object]
View = Callable[[int, tuple[int, ...], torch.dtype], Tensor]


@dataclass(frozen=True, slots=True)
class Buffer:
    """Working memory of a step: alive from the first call that names it to the last."""

    name: str
    shape: tuple[int, ...]

    def as_shape(self, *shape: int) -> Buffer:
        """The same numbers in rows of another length."""
        return Buffer(self.name, shape)


class Tape:
    """Calls in their order; what is no ``Buffer`` among their arguments is passed as it is."""

    def __init__(self) -> None:
        self._calls: list[tuple[Operation, tuple[Any, ...]]] = []
        self._sizes: dict[str, int] = {}
        self._lives: dict[str, tuple[int, int]] = {}

    def buffer(self, name: str, *shape: int) -> Buffer:
        """Name a new buffer of float32."""
        name = f"{len(self._sizes)} {name}"
        self._sizes[name] = 4 * prod(shape)
        return Buffer(name, shape)

    def call(self, operation: Operation, *given: Any) -> None:
        """Append a call; buffers among the arguments live until here."""
        now = len(self._calls)
        for one in given:
            if isinstance(one, Buffer):
                self._lives[one.name] = (self._lives.get(one.name, (now, now))[0], now)
        self._calls.append((operation, given))

    def specs(self) -> list[Spec]:
        """What the step needs, for ``kernels.memory.plan``."""
        return [Spec(name, self._sizes[name], first, last, ALIGN) for name, (first, last) in self._lives.items()]

    def bind(self, plan: Plan, view: View) -> list[Call]:
        """The calls, each with tensors over an arena in the places of its buffers.

        Args:
            view: gives the tensor at an offset of the arena.
        """
        return [_bound(operation, given, plan.offsets, view) for operation, given in self._calls]


def _bound(operation: Operation, given: tuple[Any, ...], offsets: Mapping[str, int], view: View) -> Call:
    tensors = tuple(
        view(offsets[one.name], one.shape, torch.float32) if isinstance(one, Buffer) else one for one in given
    )
    return lambda: operation(*tensors)

"""The search of ``together`` on a GPU: the same functions, compiled by numba for CUDA, one thread block a lane.

Nothing is written twice. The functions of ``together`` are taken as they stand and compiled again, with what threads do
together (``alone``) given by CUDA's atomics and barrier. With ``NUMBA_ENABLE_CUDASIM=1`` in the environment before
numba is first imported they run in numba's simulator, thread by thread, on a machine without a GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np
from numba import config, cuda

from kernels.token_passing import Graph
from kernels.token_passing.batch import (
    I32,
    MOST_THREADS,
    Channels,
    Paths,
    begin,
    check_graph,
    check_step,
    new_channels,
    new_lanes,
    new_paths,
)
from kernels.token_passing.together import expansion, frames, order, paths, resolution, room, selection, table

THREADS = 256
REGISTERS = 128  # of a thread, so that two blocks fit a multiprocessor
LANES = 1024  # blocks at a time at most; more streams than lanes take turns


def _device(function: Callable[..., Any]) -> Any:
    return cuda.jit(device=True)(function)


@_device
def block() -> Any:
    return cuda.blockIdx.x


@_device
def blocks() -> Any:
    return cuda.gridDim.x


@_device
def thread() -> Any:
    return cuda.threadIdx.x


@_device
def threads() -> Any:
    return cuda.blockDim.x


@_device
def barrier() -> None:
    cuda.syncthreads()


@_device
def fetch_add(array: Any, place: int, value: int) -> Any:
    return cuda.atomic.add(array, place, value)


@_device
def raise_to(array: Any, place: int, value: int) -> None:
    cuda.atomic.max(array, place, value)


@_device
def swap(array: Any, place: int, expected: int, value: int) -> Any:
    return cuda.atomic.cas(array, place, np.int32(expected), np.int32(value))


if config.ENABLE_CUDASIM:

    def bits(score: float) -> Any:
        return int(np.float32(score).view(np.int32))

    def from_bits(number: int) -> Any:
        return np.int32(number).view(np.float32)

else:
    from numba.cuda import libdevice

    @_device
    def bits(score: float) -> Any:
        return libdevice.float_as_int(np.float32(score))

    @_device
    def from_bits(number: int) -> Any:
        return libdevice.int_as_float(np.int32(number))


_ATOMICS: Mapping[str, Any] = {
    "block": block, "blocks": blocks, "thread": thread, "threads": threads, "barrier": barrier,
    "fetch_add": fetch_add, "raise_to": raise_to, "swap": swap, "bits": bits, "from_bits": from_bits,
}  # fmt: skip


def _compiled_again() -> Mapping[str, Any]:
    """Every function of ``together`` for the device, under its name: those that it begins with as kernels."""
    names: dict[str, Any] = {}
    for phase in (order, table, room, expansion, selection, resolution, frames, paths):
        names.update(vars(phase))
    names.update(_ATOMICS)
    for name, function in tuple(names.items()):
        if hasattr(function, "py_func") and name not in _ATOMICS:
            plain = FunctionType(function.py_func.__code__, names, name)
            names[name] = plain if name in ("advance", "best_paths") else _device(plain)
    return names


_NAMES = _compiled_again()
_LIMITS = {} if config.ENABLE_CUDASIM else {"max_registers": REGISTERS}
_advance = cuda.jit(**_LIMITS)(_NAMES["advance"])
_best_paths = cuda.jit()(_NAMES["best_paths"])


class DeviceSearch:
    """The searches of many streams on a GPU, over one graph; all memory is taken here.

    Args:
        graph: ``interleaved``.
        alphabet: V, tokens of the body.
        streams: channels; a stream's number is below this.
        tokens: kept by a stream, at least twice ``max_active``.
        records: kept by a stream.
        candidates: of a lane, a power of two.
        steps: of a path, most that ``paths`` gives.
        lanes: thread blocks at a time.
        width: threads of a block.

    Raises:
        ValueError: the graph is of another alphabet or too large, or a size is out of its range.
    """

    def __init__(
        self,
        graph: Graph,
        alphabet: int,
        streams: int,
        tokens: int,
        records: int,
        candidates: int,
        steps: int = 512,
        lanes: int = LANES,
        width: int = THREADS,
    ) -> None:
        check_graph(graph, alphabet)
        if not 1 <= width <= MOST_THREADS:
            raise ValueError(f"{width} threads of a lane; give 1 to {MOST_THREADS}")
        self._alphabet, self._width, self._lane_count = alphabet, width, min(lanes, streams)
        self._graph = Graph(*(cuda.to_device(np.ascontiguousarray(part)) for part in graph))
        self._channels = _on_device(new_channels(streams, tokens, records))
        self._lanes = _on_device(new_lanes(self._lane_count, candidates, tokens, records))
        self._paths = _on_device(new_paths(streams, steps))
        self._fresh = new_channels(1, tokens, records)

    def begin(self, stream: int, hub: int = 0, door: int = 0) -> None:
        """Make a channel that of a stream that has heard nothing; arguments as those of ``batch.begin``.

        Raises:
            ValueError: there is no such channel.
        """
        if not 0 <= stream < len(self._channels.counters):
            raise ValueError(f"stream {stream} of {len(self._channels.counters)} channels; refuse it, or plan for more")
        begin(self._fresh, 0, hub, door)
        self._channels.counters[stream : stream + 1] = self._fresh.counters
        self._channels.offset[stream : stream + 1] = self._fresh.offset

    def step(self, streams: I32, scores: Any, log_probs: Any, beam: float, max_active: int) -> None:
        """Pass the tokens of streams through frames; arguments as those of ``together.advance``, in host memory.

        Raises:
            ValueError: as ``batch.check_step`` does, before anything is launched.
        """
        check_step(self._channels, streams, scores, log_probs, self._alphabet)
        blocks = min(len(streams), self._lane_count)
        given = [cuda.to_device(np.ascontiguousarray(part)) for part in (streams, scores, log_probs)]
        _advance[blocks, self._width](self._graph, self._channels, self._lanes, *given, beam, max_active)

    def paths(self, streams: I32, ending: bool) -> Paths:
        """The best paths of streams, in host memory; arguments as those of ``together.best_paths``."""
        blocks, given = min(len(streams), self._lane_count), cuda.to_device(np.ascontiguousarray(streams))
        _best_paths[blocks, self._width](self._graph, self._channels, self._lanes, given, ending, self._paths)
        return Paths(*(part.copy_to_host()[: len(streams)] for part in self._paths))

    def channels(self) -> Channels:
        """The kept state of all streams, in host memory."""
        return Channels(*(part.copy_to_host() for part in self._channels))


def _on_device(arrays: Any) -> Any:
    return type(arrays)(*(cuda.to_device(part) for part in arrays))

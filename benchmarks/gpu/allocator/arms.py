"""The same work with memory looked for at run time, and with memory planned beforehand.

The work of a step is that of the reference body as its tape tells: every buffer of every op is written once, and
what is kept of each stream is written anew. The arithmetic between is left out, so that times are those of memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.acoustic.body import read_card
from engine.acoustic.body_tape import Tape, read_tape
from engine.acoustic.stream_record import body_channels, sample_channels, search_channels
from engine.decoder.options import read_decode_options
from kernels.memory import Slab, Slot, Spec, plan, record_bytes
from kernels.memory.gpu import ALIGN, DeviceArena
from kernels.memory.slab import Channels

MODEL = Path(__file__).parents[3] / "engine" / "models" / "reference-3"
LARGEST_MS = 1280
Script = Sequence[tuple[int, Sequence[int]]]  # of each buffer: its bytes, and which buffers end before the next one


class Work:
    """What the steps of a model need."""

    def __init__(self, model: Path = MODEL) -> None:
        self.tape: Tape = read_tape(model)
        card = read_card(model)
        stepped = body_channels(card)
        # As bytes: what they mean does not matter here.
        sizes = {name: _bytes(dtype, shape) for name, (dtype, shape) in stepped.items()}
        kept = sample_channels(LARGEST_MS) | search_channels(read_decode_options(model))
        self.stepped: Mapping[str, int] = sizes
        self.channels: Channels = {name: ("u1", (size,)) for name, size in sizes.items()}
        self.channels |= {name: ("u1", (_bytes(dtype, shape),)) for name, (dtype, shape) in kept.items()}
        self.record = record_bytes(self.channels)
        self._scripts: dict[tuple[int, int], Script] = {}

    def script(self, ms: int, streams: int) -> Script:
        """When a step's buffers begin and end."""
        key = ms, streams
        if key not in self._scripts:
            self._scripts[key] = script_of(self.tape.specs(ms, streams))
        return self._scripts[key]


def script_of(specs: Sequence[Spec]) -> Script:
    """Buffers in the order in which they begin; each with those that end before the next one begins."""
    order = sorted(range(len(specs)), key=lambda number: (specs[number].first, number))
    ends: list[list[int]] = [[] for _ in order]
    alive: list[tuple[int, int]] = []  # last op, place in the order
    for place, number in enumerate(order):
        alive.append((specs[number].last, place))
        following = specs[order[place + 1]].first if place + 1 < len(order) else 1 + max(last for last, _ in alive)
        ends[place] = [one for last, one in alive if last < following]
        alive = [one for one in alive if one[0] >= following]
    return [(specs[number].bytes, ends[place]) for place, number in enumerate(order)]


class Looking:
    """Memory asked for when it is needed, as eager code does, and kept as ``engine.acoustic.body`` keeps it."""

    def __init__(self, work: Work, device: str) -> None:
        self._work, self._device = work, device
        self._kept: dict[int, dict[str, Tensor]] = {}

    def join(self, stream: int) -> None:
        """Allocate a stream's record."""
        sizes = ((name, shape[0]) for name, (_, shape) in self._work.channels.items())
        self._kept[stream] = {name: torch.zeros(size, dtype=torch.uint8, device=self._device) for name, size in sizes}

    def leave(self, stream: int) -> None:
        """Free it."""
        del self._kept[stream]

    def step(self, ms: int, streams: Sequence[int]) -> None:
        """Step some streams together; each keeps its row of what the step leaves."""
        kept = [self._kept[stream] for stream in streams]
        given = [torch.stack([one[name] for one in kept]) for name in self._work.stepped]
        alive: dict[int, Tensor] = {}
        for place, (size, ends) in enumerate(self._work.script(ms, len(streams))):
            alive[place] = self._empty(size).fill_(1)
            for end in ends:
                del alive[end]
        del given
        for name, size in self._work.stepped.items():
            after = self._empty(len(streams) * size).fill_(2).view(len(streams), size)
            for row, one in enumerate(kept):
                one[name] = after[row]

    def _empty(self, size: int) -> Tensor:
        return torch.empty(size, dtype=torch.uint8, device=self._device)


class Planned:
    """All memory taken at once; steps of every batch size share the lanes, and streams have slots.

    Args:
        slots: streams at most.
        batch: streams stepped together at most, a power of two.
        chunks: milliseconds of the steps to plan for.
    """

    def __init__(self, work: Work, device: str, slots: int, batch: int, chunks: Sequence[int]) -> None:
        self._work, self._device = work, device
        self._sizes = [1 << power for power in range(batch.bit_length())]
        spare = slots + 1  # batches are filled up to a planned size by a slot that is nobody's
        lanes = lanes_of(work, batch, chunks)
        arena = DeviceArena(lanes + spare * work.record, device)
        self._slab = Slab(work.channels, spare, arena, lanes)
        self._nobody = self._slab.acquire()
        self._slots: dict[int, Slot] = {}
        channels = [self._slab.view(name) for name in work.stepped]
        by_slot = [[channel[slot] for channel in channels] for slot in range(spare)]
        self._buckets = {
            (ms, size): _Bucket(work, arena, channels, by_slot, ms, size)
            for size in reversed(self._sizes)
            for ms in sorted(chunks, reverse=True)
        }

    def join(self, stream: int) -> None:
        """Take a slot."""
        self._slots[stream] = self._slab.acquire()

    def leave(self, stream: int) -> None:
        """Give it back."""
        self._slab.release(self._slots.pop(stream))

    def step(self, ms: int, streams: Sequence[int]) -> None:
        """Step some streams together, in the smallest planned batch that holds them."""
        size = next(size for size in self._sizes if size >= len(streams))
        slots = [self._slots[stream] for stream in streams]
        self._buckets[ms, size].run(slots + [self._nobody] * (size - len(slots)))


class _Bucket:
    """A step of one batch size: all its views made beforehand; on a GPU one captured graph."""

    def __init__(
        self, work: Work, arena: DeviceArena, channels: list[Tensor], by_slot: list[list[Tensor]], ms: int, size: int
    ) -> None:
        specs = work.tape.specs(ms, size, ALIGN)
        offsets = plan(specs).offsets
        self._buffers = [arena.view(offsets[spec.name], (spec.bytes,), "u1") for spec in specs]
        self._channels, self._by_slot = channels, by_slot
        self._rows = torch.zeros(size, dtype=torch.int64, device=arena.tensor.device)
        self._graph: Any = None
        if arena.tensor.is_cuda:
            self._staged = torch.zeros(size, dtype=torch.int64, pin_memory=True)
            self._graph = self._captured()

    def run(self, slots: Sequence[int]) -> None:
        """Write every buffer, and what is kept of these slots' streams."""
        if self._graph is not None:
            self._staged.numpy()[:] = slots
            self._rows.copy_(self._staged)  # waits: the staged numbers may be written again at once
            self._graph.replay()
            return
        for buffer in self._buffers:
            buffer.fill_(1)
        for slot in slots:
            for row in self._by_slot[slot]:
                row.fill_(2)

    def graph_work(self) -> None:
        """What a graph captures: ``run`` for the slots in ``_rows``."""
        for buffer in self._buffers:
            buffer.fill_(1)
        for channel in self._channels:
            channel.index_fill_(0, self._rows, 2)

    def _captured(self) -> Any:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            self.graph_work()  # what a first call sets up must not happen while a graph is captured
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.graph_work()
        return graph


def lanes_of(work: Work, batch: int, chunks: Sequence[int]) -> int:
    """Bytes of the lanes, which steps of all these chunks and of all smaller batches share."""
    return max(plan(work.tape.specs(ms, batch, ALIGN)).peak for ms in chunks)


def _bytes(dtype: Any, shape: Sequence[int]) -> int:
    return np.dtype(dtype).itemsize * prod(shape)

"""Steps of the body on a device: batch buckets over one arena, each captured as a CUDA graph, the largest first.

All memory is taken at start: weights in one allocation, activations in an arena planned over all buckets, the kept
state of every stream in a slab, staging on both sides. A step copies its chunk into pinned memory, from there to the
device, replays one graph, and copies the log-probabilities back; it asks no allocator for anything.

A batch is padded up to its bucket by rows of a spare slot that no stream owns. Chunks of the trained lengths have all
buckets; any other length, a stream's last or a forced end, has bucket 1 only, and its streams step one after another.
On a CPU, where there are no graphs, the same calls run one by one: that is how this file is tested without a GPU.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.collector import paused
from engine.gpu.choice import Chosen
from engine.gpu.network import Inputs, Network, channels, tensors
from engine.gpu.tape import Call, Tape
from engine.gpu.weights import BodyShape, Weights
from kernels.memory import Plan, Slab, Slot, plan, record_bytes
from kernels.memory.gpu import DeviceArena

GRAIN = 8  # frames
MOST = 1024  # streams in a step

Features = NDArray[np.float32]
LogProbs = NDArray[np.float32]


def buckets(most: int) -> tuple[int, ...]:
    """Powers of two from the smallest that holds ``most`` down to 1: the order in which they are captured.

    Raises:
        ValueError: there are no streams, or more than 1,024.
    """
    if not 1 <= most <= MOST:
        raise ValueError(f"batches of {most} streams; give 1 to {MOST}")
    return tuple(1 << power for power in range((most - 1).bit_length(), -1, -1))


class Executor:
    """A body on a device.

    Args:
        shape: of the body.
        weights: as ``engine.gpu.weights.read_body`` gives them.
        device: as torch calls it.
        chosen: from ``engine.gpu.choice.choose``.
        chunks: frames of the trained chunks, multiples of 8.
        streams: most streams at a time.
        batch: most streams in a step.

    Attributes:
        device: as given.
        plans: of activations, by bucket and frames, in the order of capture.
        slab: kept state of the streams, and one slot more for rows without a stream.

    Raises:
        ValueError: a number is out of its range.
    """

    def __init__(
        self,
        shape: BodyShape,
        weights: Weights,
        device: str,
        chosen: Mapping[str, Chosen],
        chunks: Sequence[int],
        streams: int,
        batch: int,
    ) -> None:
        if not chunks or any(frames < GRAIN or frames % GRAIN for frames in chunks):
            raise ValueError(f"chunks of {list(chunks)} frames; give multiples of {GRAIN}")
        self.shape, self.device = shape, device
        self._buckets, self._frames = buckets(batch), max(chunks)
        kept = channels(shape)
        self.slab = Slab(kept, streams + 1, DeviceArena((streams + 1) * record_bytes(kept), device))
        self._spare = self.slab.acquire()
        self._held: dict[int, Slot] = {}
        self._lock = threading.RLock()  # streams begin on another thread than the one that steps, and end on any
        state = {name: self.slab.view(name) for name in kept}
        runs = {name: one.run for name, one in chosen.items()}
        network = Network(shape, tensors(weights, device), state, runs)
        self._staging = _Staging(shape, self._buckets[0], self._frames, device)
        tapes = self._write(network, chunks)
        self.plans: dict[tuple[int, int], Plan] = {key: plan(tape.specs()) for key, tape in tapes.items()}
        self._arena = DeviceArena(max(one.peak for one in self.plans.values()), device)
        self._steps = self._capture(tapes)

    @property
    def arena_bytes(self) -> int:
        """Of the arena of activations, which all buckets share."""
        return self._arena.bytes

    def acquire(self) -> Slot:
        """A slot for a stream that joins.

        Raises:
            kernels.memory.FullError: all are taken.
        """
        with self._lock:
            slot = self.slab.acquire()
            self._held[slot] = slot
            return slot

    def release(self, slot: Slot) -> None:
        """Give a slot back, in any order.

        Raises:
            kernels.memory.ReleaseError: it is not held.
        """
        with self._lock:
            self.slab.release(slot)
            del self._held[slot]

    def step(self, slots: Sequence[Slot], heard: Sequence[int], features: Features) -> LogProbs:
        """Recognise the next chunk of streams, at most as many as the largest bucket holds.

        Args:
            slots: of the streams, all different.
            heard: tokens that each heard before.
            features: (B, 8 n, bins).

        Returns:
            (B, 2 n, tokens) natural log-probabilities.

        Raises:
            ValueError: the shape does not fit, a feature is not finite, or a slot is not held or is there twice.
        """
        self._check(slots, heard, features)
        bucket = next(size for size in reversed(self._buckets) if size >= len(slots))
        if (bucket, features.shape[1]) in self._steps:
            return self._run(bucket, slots, heard, features)
        rows = [self._run(1, slots[i : i + 1], heard[i : i + 1], features[i : i + 1]) for i in range(len(slots))]
        return np.concatenate(rows)

    def _check(self, slots: Sequence[Slot], heard: Sequence[int], features: Features) -> None:
        streams, most = len(slots), self._buckets[0]
        if not 1 <= streams <= most or len(heard) != streams:
            raise ValueError(f"a step of {streams} streams, {len(heard)} of them heard; it takes 1 to {most}")
        if features.ndim != 3 or features.shape[0] != streams or features.shape[2] != self.shape.bins:
            raise ValueError(f"features {features.shape} for {streams} streams; give (B, 8 n, {self.shape.bins})")
        frames = features.shape[1]
        if not GRAIN <= frames <= self._frames or frames % GRAIN:
            raise ValueError(f"a chunk of {frames} frames; give a multiple of {GRAIN} from {GRAIN} to {self._frames}")
        for slot in slots:
            if self._held.get(slot) is not slot:
                raise ValueError(f"slot {int(slot)} is not held; a stream is stepped before it is released")
        if len(set(slots)) < streams:
            raise ValueError(f"slots {sorted(slots)} hold one twice; a stream is stepped once in a step")
        if not np.isfinite(features).all():
            row = int(np.nonzero(~np.isfinite(features).all(axis=(1, 2)))[0][0])
            raise ValueError(f"features of stream {row} are not finite; check its audio")

    def _run(self, bucket: int, slots: Sequence[Slot], heard: Sequence[int], features: Features) -> LogProbs:
        frames, staging = features.shape[1], self._staging
        with paused():
            staging.give(bucket, slots, heard, features, int(self._spare))
            self._steps[bucket, frames]()
            return staging.take(bucket, len(slots), frames)

    def _write(self, network: Network, chunks: Sequence[int]) -> dict[tuple[int, int], Tape]:
        """The tape of every bucket and length, largest first."""
        trained = sorted(set(chunks), reverse=True)
        wanted = [(size, frames) for size in self._buckets for frames in trained]
        wanted += [(1, frames) for frames in range(self._frames, 0, -GRAIN) if frames not in trained]
        return {key: network.write(self._staging.inputs(*key)) for key in wanted}

    def _capture(self, tapes: Mapping[tuple[int, int], Tape]) -> dict[tuple[int, int], Call]:
        make = _Graphs() if self.device.startswith("cuda") else _in_turn
        return {key: make(tape.bind(self.plans[key], self._arena.view)) for key, tape in tapes.items()}


class _Staging:
    """Where chunks go in and log-probabilities come out, on both sides; made once for the largest bucket."""

    def __init__(self, shape: BodyShape, streams: int, frames: int, device: str) -> None:
        self._shape, self._device = shape, device
        pinned = device.startswith("cuda")
        self._sizes = streams * frames * shape.bins, streams * frames // 4 * shape.tokens, 3 * streams
        kinds = (torch.float32, torch.float32, torch.int32)
        self._here = [torch.zeros(n, dtype=kind, pin_memory=pinned) for n, kind in zip(self._sizes, kinds, strict=True)]
        self._there = [torch.zeros(n, dtype=kind, device=device) for n, kind in zip(self._sizes, kinds, strict=True)]

    def inputs(self, streams: int, frames: int) -> Inputs:
        """The device's side for a bucket and a length."""
        features, log_probs, numbers = self._views(self._there, streams, frames)
        return Inputs(features, numbers[0], numbers[1], numbers[2], log_probs)

    def give(self, bucket: int, slots: Sequence[int], heard: Sequence[int], features: Features, spare: int) -> None:
        """Copy a chunk to the device; rows without a stream get the spare slot and silence."""
        streams, frames, _ = features.shape
        here, there = self._views(self._here, bucket, frames), self._views(self._there, bucket, frames)
        rows = here[0].numpy()
        rows[:streams], rows[streams:] = features, 0.0
        numbers = here[2].numpy()
        numbers[:] = [[spare], [0], [0]]
        numbers[0, :streams], numbers[1, :streams] = slots, heard
        numbers[2] = numbers[1] // 2
        there[0].copy_(here[0], non_blocking=True)
        there[2].copy_(here[2], non_blocking=True)

    def take(self, bucket: int, streams: int, frames: int) -> LogProbs:
        """Wait for a step and give its log-probabilities, in memory of their own."""
        here, there = self._views(self._here, bucket, frames)[1], self._views(self._there, bucket, frames)[1]
        here.copy_(there, non_blocking=True)
        if self._device.startswith("cuda"):
            torch.cuda.current_stream().synchronize()
        return np.array(here[:streams].numpy())

    def _views(self, sides: Sequence[Tensor], streams: int, frames: int) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 8 n, bins), (B, 2 n, tokens), and slot, heard and half heard (3, B)."""
        extents = (streams, frames, self._shape.bins), (streams, frames // 4, self._shape.tokens), (3, streams)
        features, log_probs, numbers = (
            side[: int(np.prod(extent))].view(extent) for side, extent in zip(sides, extents, strict=True)
        )
        return features, log_probs, numbers


class _Graphs:
    """Captures calls as a graph; all graphs share one pool for what torch's own operations need."""

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, calls: Sequence[Call]) -> Call:
        """Run the calls once, so that libraries take their workspaces, then capture them."""
        stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            _in_turn(calls)()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            _in_turn(calls)()
        replay: Callable[[], None] = graph.replay
        return replay


def _in_turn(calls: Iterable[Call]) -> Call:
    held = tuple(calls)

    def run() -> None:
        for call in held:
            call()

    return run

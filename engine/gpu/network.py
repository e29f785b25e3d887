"""The step of the body as a tape: what ``engine.training.network.Network.step`` computes, state read and kept in place.

The state of a stream is its slot in channels of a slab, one for every array and block, so that a kernel sees each as
(slots, kept, width). Keys and values are rings; nothing of a slot is moved that the step does not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.gpu import operations
from engine.gpu.operations import Operation
from engine.gpu.tape import Buffer, Tape
from engine.gpu.weights import BodyShape, Weights
from engine.training.blocks import rotation

HISTORY = 3  # frames of a stream before a chunk that the convolutions at its entry see


class Inputs(NamedTuple):
    """Where a step finds what it is given, and leaves what it makes: B streams, n grains of eight frames."""

    features: Tensor  # (B, 8 n, bins)
    slot: Tensor  # (B,) int32
    heard: Tensor  # (B,) int32, tokens before this chunk
    slower: Tensor  # (B,) int32, half of them: what the middle blocks heard
    log_probs: Tensor  # (B, 2 n, tokens)


def channels(shape: BodyShape) -> dict[str, tuple[type[np.float32], tuple[int, ...]]]:
    """What a slab keeps of one stream."""
    kept: dict[str, tuple[int, ...]] = {"frames": (HISTORY, shape.bins), "hidden": (HISTORY, shape.width)}
    for block in range(shape.blocks):
        kept[f"keys.{block}"] = kept[f"values.{block}"] = (shape.left, shape.width)
        kept[f"gates.{block}"] = (shape.kernel - 1, shape.width)
    return {name: (np.float32, extent) for name, extent in kept.items()}


def tensors(weights: Weights, device: str) -> dict[str, Tensor]:
    """The weights on a device, in one allocation, convolutions as matrices, depthwise ones as taps."""
    flat = {name: np.ascontiguousarray(value, np.float32) for name, value in weights.items()}
    for name in ("first.weight", "second.weight"):
        flat[name] = flat[name].reshape(len(flat[name]), -1)
    for name in [name for name in flat if name.endswith("depthwise.weight")]:
        flat[name] = np.ascontiguousarray(flat[name][:, 0].T)  # taps (K, W)
    blob = torch.from_numpy(np.concatenate([value.ravel() for value in flat.values()])).to(device)
    pieces = torch.split(blob, [value.size for value in flat.values()])
    return {name: piece.view(value.shape) for (name, value), piece in zip(flat.items(), pieces, strict=True)}


class Network:
    """A body that can be written down for any number of streams and any length of chunk."""

    def __init__(
        self,
        shape: BodyShape,
        weights: Mapping[str, Tensor],
        state: Mapping[str, Tensor],
        chosen: Mapping[str, Operation],
    ) -> None:
        """Hold what all tapes share.

        Args:
            weights: by name, as ``engine.training.network.Network`` names them.
            state: the channels of a slab.
            chosen: the operations that are to run; see ``engine.gpu.choice``.
        """
        self.shape, self._weights, self._state, self._chosen = shape, weights, state, chosen
        self._turns: dict[int, tuple[Tensor, Tensor]] = {}

    def write(self, inputs: Inputs) -> Tape:
        """Write a step down for inputs of this size."""
        tape, shape, weights = Tape(), self.shape, self._weights
        streams, frames, _ = inputs.features.shape
        fine, coarse = frames // 4, frames // 8
        scaled = tape.buffer("frames", streams, frames, shape.bins)
        hidden = tape.buffer("hidden", streams, frames // 2, shape.width)
        entry = tape.buffer("entry", streams, fine, shape.width)
        x = tape.buffer("x", streams, fine, shape.width)
        tape.call(operations.normalise, inputs.features, weights["mean"], weights["deviation"], scaled)
        self._halve(tape, "first", scaled, inputs.slot, "frames", hidden)
        tape.call(operations.silu, hidden)
        self._halve(tape, "second", hidden, inputs.slot, "hidden", entry)
        self._norm(tape, "entry", entry, x)
        self._block(tape, 0, x, inputs.slot, inputs.heard)
        slow, mixed = (
            tape.buffer("slow", streams, coarse, shape.width),
            tape.buffer("mix", streams, coarse, shape.width),
        )
        self._linear(tape, "pair", x.as_shape(streams, coarse, 2 * shape.width), slow)
        tape.call(torch.Tensor.zero_, mixed)
        for block in range(1, shape.blocks - 1):
            self._block(tape, block, slow, inputs.slot, inputs.slower)
            tape.call(operations.add_share, slow, weights["mix"][block - 1], mixed)
        parts = tape.buffer("parts", streams, coarse, 2 * shape.width)
        self._linear(tape, "part", mixed, parts)
        tape.call(operations.add, parts.as_shape(streams, fine, shape.width), x)
        self._block(tape, shape.blocks - 1, x, inputs.slot, inputs.heard)
        exit_, scores = (
            tape.buffer("exit", streams, fine, shape.width),
            tape.buffer("scores", streams, fine, shape.tokens),
        )
        self._norm(tape, "exits.0", x, exit_)
        self._linear(tape, "heads.0", exit_, scores)
        tape.call(operations.log_softmax, scores, inputs.log_probs)
        return tape

    def _block(self, tape: Tape, block: int, x: Buffer, slot: Tensor, heard: Tensor) -> None:
        name, width = f"blocks.{block}", self.shape.width
        streams, count, _ = x.shape
        normal = tape.buffer("normal", streams, count, width)
        projected = tape.buffer("projected", streams, count, 3 * width)
        attended = tape.buffer("attended", streams, count, width)
        made = tape.buffer("made", streams, count, width)
        self._norm(tape, f"{name}.attention.norm", x, normal)
        self._linear(tape, f"{name}.attention.project", normal, projected)
        rings = self._state[f"keys.{block}"], self._state[f"values.{block}"]
        turn, heads = self._turn(count), self.shape.heads
        tape.call(self._chosen["attention"], projected, slot, heard, *rings, *turn, heads, attended)
        self._linear(tape, f"{name}.attention.out", attended, made)
        tape.call(operations.add, made, x)
        self._convolution(tape, block, x, slot, heard)
        self._widen(tape, name, x)

    def _convolution(self, tape: Tape, block: int, x: Buffer, slot: Tensor, heard: Tensor) -> None:
        name, weights = f"blocks.{block}.convolution", self._weights
        streams, count, width = x.shape
        normal = tape.buffer("normal", streams, count, width)
        entered = tape.buffer("entered", streams, count, 2 * width)
        settled = tape.buffer("settled", streams, count, width)
        made = tape.buffer("made", streams, count, width)
        self._norm(tape, f"{name}.norm", x, normal)
        self._linear(tape, f"{name}.enter", normal, entered)
        given = [weights[f"{name}.{part}"] for part in ("depthwise.weight", "depthwise.bias")]
        given += [weights[f"{name}.settle.{part}"] for part in ("weight", "bias")]
        tape.call(self._chosen["convolution"], entered, slot, heard, self._state[f"gates.{block}"], *given, settled)
        self._linear(tape, f"{name}.leave", settled, made)
        tape.call(operations.add, made, x)

    def _widen(self, tape: Tape, name: str, x: Buffer) -> None:
        streams, count, width = x.shape
        normal = tape.buffer("normal", streams, count, width)
        inner = tape.buffer("inner", streams, count, self.shape.inner)
        made = tape.buffer("made", streams, count, width)
        self._norm(tape, f"{name}.norm", x, normal)
        self._linear(tape, f"{name}.widen", normal, inner)
        tape.call(operations.squared_relu, inner)
        self._linear(tape, f"{name}.narrow", inner, made)
        tape.call(operations.add, made, x)

    def _halve(self, tape: Tape, name: str, x: Buffer, slot: Tensor, history: str, out: Buffer) -> None:
        given = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        tape.call(operations.halve, x, slot, self._state[history], *given, out)

    def _linear(self, tape: Tape, name: str, x: Buffer, out: Buffer) -> None:
        tape.call(operations.linear, x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], out)

    def _norm(self, tape: Tape, name: str, x: Buffer, out: Buffer) -> None:
        tape.call(operations.layer_norm, x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], out)

    def _turn(self, count: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines (left + count, D / 2), made once for every length."""
        if count not in self._turns:
            shape = self.shape
            whole = rotation(shape.left + count, shape.width // shape.heads)
            device, half = self._weights["mean"].device, shape.width // shape.heads // 2
            cosines, sines = (part[:, :half].contiguous().to(device) for part in whole)
            self._turns[count] = cosines, sines
        return self._turns[count]

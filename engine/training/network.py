"""The streaming body in torch: causal 4x subsampling and Conformer-like blocks with chunk-limited attention.

The middle blocks run at half the rate (80 ms), between one block before and one after at 40 ms. What the last block
reads of them is a learned mix of all their outputs.

Trained with a mask (``forward``) and run with explicit state (``step``); both give the same numbers.
Source: Zhang et al., "Unified Streaming and Non-streaming Two-pass End-to-end Model" (arXiv 2012.05481) for chunk
masks; Su et al., "RoFormer" (arXiv 2104.09864) for rotary positions; Yao et al., "Zipformer" (arXiv 2310.11230)
for the slower middle; Peters et al., "Deep contextualized word representations" (arXiv 1802.05365) for the mix.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.training.blocks import Block, Dropout, Shape, mask_pool, rotation

SUBSAMPLING = 4
GRAIN = 2 * SUBSAMPLING
HISTORY = 3


class Encoded(NamedTuple):
    """Vectors of recordings: the last block's (B, T / 4, width), and each middle block's (B, T / 8, width)."""

    last: Tensor
    middle: tuple[Tensor, ...]


class Reading(NamedTuple):
    """Log-probabilities (B, T / 4, tokens): phones of the last layer, phones of the middle one, letters of the last."""

    phones: Tensor
    early: Tensor
    letters: Tensor


class Network(nn.Module):
    """The whole body with its heads."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        drop = Dropout(dropout, mask_pool(dropout))
        self.register_buffer("mean", torch.zeros(shape.bins))
        self.register_buffer("deviation", torch.ones(shape.bins))
        self.first = nn.Conv1d(shape.bins, shape.width, HISTORY + 2, stride=2)
        self.second = nn.Conv1d(shape.width, shape.width, HISTORY + 2, stride=2)
        self.entry = nn.LayerNorm(shape.width)
        self.blocks = nn.ModuleList(Block(shape, drop) for _ in range(shape.blocks))
        self.pair = nn.Linear(2 * shape.width, shape.width)
        self.part = nn.Linear(shape.width, 2 * shape.width)
        self.mix = nn.Parameter(functional.one_hot(torch.tensor(shape.blocks - 3), shape.blocks - 2).float())
        self.exits = nn.ModuleList(nn.LayerNorm(shape.width) for _ in range(2))
        self.heads = nn.ModuleList(nn.Linear(shape.width, count * shape.tokens) for count in (1, 2))
        self.spell = nn.Linear(shape.width, shape.letters)

    def forward(self, features: Tensor, lengths: Tensor, chunk: int) -> Reading:
        """Recognise whole recordings as if in chunks; arguments as those of ``encode``."""
        encoded = self.encode(features, lengths, chunk)
        letters = functional.log_softmax(self.spell(self.exits[0](encoded.last)), dim=-1)
        middle = encoded.middle[self.shape.blocks // 2 - 1]
        return Reading(self._read(encoded.last, 0), self._read(middle, 1), letters)

    def encode(self, features: Tensor, lengths: Tensor, chunk: int) -> Encoded:
        """Make vectors of whole recordings as if in chunks.

        Args:
            features: (B, T, 80) raw log-mel energies, T a multiple of 8.
            lengths: (B,) valid tokens (40 ms each) of every row, even.
            chunk: tokens a chunk, even.
        """
        x = self._whole(features)
        batch, count, width = x.shape
        turn = rotation(count, width // self.shape.heads)
        gates = x.new_zeros(batch, self.shape.kernel - 1, width)
        fine = visible(lengths, count, chunk, self.shape.left)
        coarse = visible(lengths // 2, count // 2, chunk // 2, self.shape.left)
        x = self.blocks[0](x, None, gates, fine, turn)[0]
        slow = self._pair(x)
        half = (turn[0][: count // 2], turn[1][: count // 2])
        middle: list[Tensor] = []
        for block in self.blocks[1:-1]:
            slow = block(slow, None, gates, coarse, half)[0]
            middle.append(slow)
        x = self.blocks[-1](x + self._part(self._mix(middle)), None, gates, fine, turn)[0]
        return Encoded(x, tuple(middle))

    def step(self, features: Tensor, heard: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Recognise the next chunk of B streams.

        Args:
            features: (B, 8 n, 80) raw log-mel energies.
            heard: (B,) int64, tokens before this chunk.
            state: frames (B, 3, 80), hidden (B, 3, width), keys and values (B, blocks, left, width),
                gates (B, blocks, kernel - 1, width).

        Returns:
            log-probabilities (B, 2 n, tokens), then ``heard`` and the state after the chunk.
        """
        frames, hidden, keys, values, gates = state
        left = self.shape.left
        frames = torch.cat([frames, (features - self.mean) / self.deviation], dim=1)
        hidden = torch.cat([hidden, functional.silu(self.first(frames.transpose(1, 2))).transpose(1, 2)], dim=1)
        x = self.entry(self.second(hidden.transpose(1, 2)).transpose(1, 2))
        fresh = x.shape[1]
        fine, coarse = self._known(heard, fresh), self._known(heard // 2, fresh // 2)
        turns = [rotation(left + count, self.shape.width // self.shape.heads) for count in (fresh, fresh // 2)]
        after: list[tuple[Tensor, Tensor, Tensor]] = []

        def run(index: int, x: Tensor, mask: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
            past = (keys[:, index], values[:, index])
            y, k, v, g = self.blocks[index](x, past, gates[:, index], mask, turn)
            after.append((k[:, -left:], v[:, -left:], g[:, 1 - self.shape.kernel :]))
            return torch.as_tensor(y)

        x = run(0, x, fine, turns[0])
        slow = self._pair(x)
        middle: list[Tensor] = []
        for index in range(1, self.shape.blocks - 1):
            slow = run(index, slow, coarse, turns[1])
            middle.append(slow)
        x = run(self.shape.blocks - 1, x + self._part(self._mix(middle)), fine, turns[0])
        stacked = [torch.stack(part, 1) for part in zip(*after, strict=True)]
        return (self._read(x, 0), heard + fresh, frames[:, -HISTORY:], hidden[:, -HISTORY:], *stacked)

    def _whole(self, features: Tensor) -> Tensor:
        x = (features - self.mean) / self.deviation
        x = functional.silu(self.first(functional.pad(x.transpose(1, 2), (HISTORY, 0))))
        x = self.second(functional.pad(x, (HISTORY, 0))).transpose(1, 2)
        return torch.as_tensor(self.entry(x))

    def _pair(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.pair(x.reshape(x.shape[0], -1, 2 * self.shape.width)))

    def _part(self, slow: Tensor) -> Tensor:
        return torch.as_tensor(self.part(slow).reshape(slow.shape[0], -1, self.shape.width))

    def _mix(self, middle: list[Tensor]) -> Tensor:
        return torch.as_tensor(torch.stack(middle, dim=-1) @ self.mix)

    def _known(self, heard: Tensor, fresh: int) -> Tensor:
        left = self.shape.left
        return (torch.arange(left + fresh)[None, :] >= left - heard[:, None])[:, None, None, :]

    def _read(self, x: Tensor, head: int) -> Tensor:
        scores = self.heads[head](self.exits[head](x)).reshape(x.shape[0], -1, self.shape.tokens)
        return functional.log_softmax(scores, dim=-1)


def visible(lengths: Tensor, count: int, chunk: int, left: int) -> Tensor:
    """Say which token may look at which: its own chunk and ``left`` tokens before it, inside the recording.

    Returns:
        (B, 1, count, count) bool, [batch, 0, query, key].
    """
    position = torch.arange(count)
    start = position // chunk * chunk
    near = (position[None, :] < (start + chunk)[:, None]) & (position[None, :] >= (start - left)[:, None])
    real = position[None, :] < lengths[:, None]
    itself = torch.eye(count, dtype=torch.bool)
    return ((near[None] & real[:, None, :]) | itself[None])[:, None]

"""The streaming body in torch: causal 4x subsampling and Conformer-like blocks with chunk-limited attention.

The middle blocks run at half the rate (80 ms), between one block before and one after at 40 ms.

Trained with a mask (``forward``) and run with explicit state (``step``); both give the same numbers.
Source: Zhang et al., "Unified Streaming and Non-streaming Two-pass End-to-end Model" (arXiv 2012.05481) for chunk
masks; Su et al., "RoFormer" (arXiv 2104.09864) for rotary positions; Yao et al., "Zipformer" (arXiv 2310.11230)
for the slower middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

SUBSAMPLING = 4
GRAIN = 2 * SUBSAMPLING
HISTORY = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a body; ``left`` is the attention context before a chunk, in tokens of each block's own rate."""

    width: int = 192
    blocks: int = 7
    heads: int = 4
    inner: int = 576
    kernel: int = 9
    left: int = 48
    bins: int = 80
    tokens: int = 40


class Dropout(nn.Module):
    """Dropout by a slice of one mask drawn beforehand: drawing anew costs a fifth of a step on a CPU."""

    def __init__(self, rate: float, pool: Tensor) -> None:
        super().__init__()
        self.rate = rate
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return x
        size = x.numel()
        pool = self.pool if size < self.pool.numel() else self.pool.repeat(size // self.pool.numel() + 2)
        start = int(torch.randint(pool.numel() - size, ()))
        return x * pool[start : start + size].view_as(x)


def mask_pool(rate: float, size: int = 1 << 22) -> Tensor:
    """Draw the mask that all ``Dropout`` modules share."""
    return (torch.rand(size) >= rate).float() / (1.0 - rate)


def rotation(positions: int, width: int) -> tuple[Tensor, Tensor]:
    """Give the cosines and sines (positions, width) of rotary positions."""
    slow = torch.exp(torch.arange(0, width, 2) * (-9.21034 / width))
    angles = torch.arange(positions)[:, None] * slow[None, :]
    angles = torch.cat([angles, angles], dim=1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turn (..., positions, width) by its positions."""
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], dim=-1)
    return x * cosines + turned * sines


class Attention(nn.Module):
    """Multi-head attention in which the caller gives the mask and the earlier keys and values."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm = nn.LayerNorm(shape.width)
        self.project = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)

    def forward(
        self, x: Tensor, past: tuple[Tensor, Tensor] | None, mask: Tensor, turn: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Attend.

        Args:
            x: (B, n, width).
            past: earlier keys and values, (B, left, width) each.
            mask: (B or 1, 1, n, left + n), True where a query may look.
            turn: cosines and sines for left + n positions.

        Returns:
            the output (B, n, width), and all keys and values (B, left + n, width).
        """
        queries, keys, values = self.project(self.norm(x)).chunk(3, dim=-1)
        if past is not None:
            keys, values = torch.cat([past[0], keys], dim=1), torch.cat([past[1], values], dim=1)
        cosines, sines = turn
        fresh = queries.shape[1]
        q = rotate(self._split(queries), cosines[-fresh:], sines[-fresh:])
        k = rotate(self._split(keys), cosines, sines)
        scores = torch.matmul(q * (q.shape[-1] ** -0.5), k.transpose(-1, -2)).masked_fill(~mask, -1e4)
        mixed = torch.matmul(scores.softmax(dim=-1), self._split(values))
        return self.out(mixed.transpose(1, 2).flatten(2)), keys, values

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)


class Convolution(nn.Module):
    """Gated causal depthwise convolution."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(shape.width)
        self.enter = nn.Linear(shape.width, 2 * shape.width)
        self.depthwise = nn.Conv1d(shape.width, shape.width, shape.kernel, groups=shape.width)
        self.settle = nn.LayerNorm(shape.width)
        self.leave = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """Convolve (B, n, width) after ``past`` (B, kernel - 1, width); gives the output and the gated input."""
        gated = torch.cat([past, functional.glu(self.enter(self.norm(x)), dim=-1)], dim=1)
        y = self.depthwise(gated.transpose(1, 2)).transpose(1, 2)
        return self.leave(functional.silu(self.settle(y))), gated


class Block(nn.Module):
    """Attention, convolution and a feed-forward layer, each residual."""

    def __init__(self, shape: Shape, dropout: Dropout) -> None:
        super().__init__()
        self.attention = Attention(shape)
        self.convolution = Convolution(shape)
        self.norm = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.inner)
        self.narrow = nn.Linear(shape.inner, shape.width)
        self.dropout = dropout

    def forward(
        self,
        x: Tensor,
        past: tuple[Tensor, Tensor] | None,
        gates: Tensor,
        mask: Tensor,
        turn: tuple[Tensor, Tensor],
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Run one block; gives the output, all keys, all values and all gated inputs."""
        attended, keys, values = self.attention(x, past, mask, turn)
        x = x + self.dropout(attended)
        convolved, gated = self.convolution(x, gates)
        x = x + self.dropout(convolved)
        inner = self.dropout(functional.relu(self.widen(self.norm(x))).square())
        return x + self.dropout(self.narrow(inner)), keys, values, gated


class Network(nn.Module):
    """The whole body with its phone head."""

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
        self.exits = nn.ModuleList(nn.LayerNorm(shape.width) for _ in range(2))
        self.heads = nn.ModuleList(nn.Linear(shape.width, count * shape.tokens) for count in (1, 2))

    def forward(self, features: Tensor, lengths: Tensor, chunk: int) -> tuple[Tensor, Tensor]:
        """Recognise whole recordings as if in chunks.

        Args:
            features: (B, T, 80) raw log-mel energies, T a multiple of 8.
            lengths: (B,) valid tokens (40 ms each) of every row, even.
            chunk: tokens a chunk, even.

        Returns:
            log-probabilities (B, T / 4, tokens) of the last and of the middle layer.
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
        middle = slow
        for index in range(1, self.shape.blocks - 1):
            slow = self.blocks[index](slow, None, gates, coarse, half)[0]
            if index == self.shape.blocks // 2:
                middle = slow
        x = self.blocks[-1](x + self._part(slow), None, gates, fine, turn)[0]
        return self._read(x, 0), self._read(middle, 1)

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
        for index in range(1, self.shape.blocks - 1):
            slow = run(index, slow, coarse, turns[1])
        x = run(self.shape.blocks - 1, x + self._part(slow), fine, turns[0])
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

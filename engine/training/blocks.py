"""The parts of the body: rotary attention under a caller's mask, gated causal convolution, feed-forward, residual.

Source: Su et al., "RoFormer" (arXiv 2104.09864) for rotary positions; Gulati et al., "Conformer" (arXiv 2005.08100)
for the block.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a body.

    Attributes:
        width: of every token's vector.
        blocks: of which all but the first and the last run at half the rate.
        heads: of attention.
        inner: width of the feed-forward layers.
        kernel: tokens that the depthwise convolutions see.
        left: attention context before a chunk, in tokens of each block's own rate.
        bins: of a feature frame.
        tokens: phones and the blank.
        letters: letters, apostrophe, word space and the blank.
    """

    width: int = 192
    blocks: int = 7
    heads: int = 4
    inner: int = 576
    kernel: int = 9
    left: int = 48
    bins: int = 80
    tokens: int = 40
    letters: int = 29


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

"""The operations of a step in plain torch: what runs wherever there is no kernel for it.

Every one writes its last argument. Results that outlive a call lie in the planned arena; what an operation needs for
itself comes from torch, which under a captured graph is the graphs' own pool and never asked for again.

Shapes: B streams, n tokens, W width; ``slot`` and ``heard`` are (B,) int32; rings and histories are (slots, kept, W).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Operation = Callable[..., object]


def linear(x: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """x W' + b over the last axis; any number of rows."""
    torch.addmm(bias, x.reshape(-1, x.shape[-1]), weight.t(), out=out.view(-1, out.shape[-1]))


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """Normalise the last axis."""
    out.copy_(functional.layer_norm(x, x.shape[-1:], weight, bias))


def normalise(x: Tensor, mean: Tensor, deviation: Tensor, out: Tensor) -> None:
    """(x - mean) / deviation, by feature."""
    torch.sub(x, mean, out=out).div_(deviation)


def halve(x: Tensor, slot: Tensor, history: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """Convolve by a kernel of five every second frame, over what a stream had before; move its history on.

    Args:
        x: (B, 2 n, C).
        history: (slots, 3, C), in and out.
        weight: (W, 5 C), the taps of a channel side by side.
        out: (B, n, W).
    """
    kept = history.shape[1]
    window = torch.cat([history[slot], x], dim=1)
    history[slot] = window[:, -kept:]
    linear(window.unfold(1, 5, 2).flatten(2), weight, bias, out)


def silu(x: Tensor) -> None:
    """x sigmoid(x), in place."""
    functional.silu(x, inplace=True)


def squared_relu(x: Tensor) -> None:
    """max(x, 0) squared, in place."""
    x.relu_().square_()


def add(other: Tensor, x: Tensor) -> None:
    """x += other."""
    x.add_(other)


def copy(other: Tensor, x: Tensor) -> None:
    """x = other."""
    x.copy_(other)


def add_share(other: Tensor, share: Tensor, x: Tensor) -> None:
    """x += share * other, ``share`` one number."""
    x.addcmul_(other, share)


def attention(
    projected: Tensor,
    slot: Tensor,
    heard: Tensor,
    keys: Tensor,
    values: Tensor,
    cosines: Tensor,
    sines: Tensor,
    heads: int,
    out: Tensor,
) -> None:
    """Attend to the chunk and to the rings before it, and move the rings on; the contract of kernels.attention_ring.

    Args:
        projected: (B, n, 3 W) queries, keys and values.
        keys: (slots, left, W), in and out; token t of a stream at t mod left.
        cosines: (left + n, D / 2) by place in the window, oldest first.
        out: (B, n, W).
    """
    left, fresh = keys.shape[1], projected.shape[1]
    queries, new_keys, new_values = projected.chunk(3, dim=-1)
    place = torch.arange(left, device=projected.device)
    before = (heard[:, None] + place) % left
    rows = slot[:, None].long()
    known = torch.cat([keys[rows, before], new_keys], dim=1), torch.cat([values[rows, before], new_values], dim=1)
    q = _rotate(_split(queries, heads), cosines[left:], sines[left:])
    k = _rotate(_split(known[0], heads), cosines, sines)
    scores = torch.matmul(q, k.transpose(-1, -2)) * q.shape[-1] ** -0.5
    unheard = (place >= left - heard[:, None]).logical_not()[:, None, None, :]
    scores[..., :left].masked_fill_(unheard, float("-inf"))
    mixed = torch.matmul(scores.softmax(dim=-1), _split(known[1], heads).masked_fill(_padded(unheard, fresh), 0.0))
    out.copy_(mixed.transpose(1, 2).flatten(2))
    last = min(fresh, left)
    after = (heard[:, None] + torch.arange(fresh - last, fresh, device=projected.device)) % left
    keys[rows, after] = new_keys[:, fresh - last :]
    values[rows, after] = new_values[:, fresh - last :]


def _split(x: Tensor, heads: int) -> Tensor:
    return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)


def _rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], dim=-1)


def _padded(unheard: Tensor, fresh: int) -> Tensor:
    """(B, 1, left + n, 1): values of places that were never heard, which may hold anything."""
    return functional.pad(unheard, (0, fresh)).transpose(-1, -2)


def convolution(
    entered: Tensor,
    slot: Tensor,
    heard: Tensor,
    ring: Tensor,
    taps: Tensor,
    bias: Tensor,
    scale: Tensor,
    shift: Tensor,
    out: Tensor,
) -> None:
    """Gate, convolve each channel with what came before, normalise and bend; the contract of kernels.convolution_ring.

    Args:
        entered: (B, n, 2 W) values and gates.
        ring: (slots, K - 1, W), in and out; gated token t of a stream at t mod (K - 1).
        taps: (K, W), the newest token's last.
        scale: (W,) of the norm, ``shift`` likewise.
        out: (B, n, W).
    """
    kept, fresh = ring.shape[1], entered.shape[1]
    place, rows = torch.arange(kept, device=entered.device), slot[:, None].long()
    unheard = (place < kept - heard[:, None]).unsqueeze(-1)
    past = ring[rows, (heard[:, None] + place) % kept].masked_fill(unheard, 0.0)
    window = torch.cat([past, functional.glu(entered, dim=-1)], dim=1)
    convolved = (window.unfold(1, len(taps), 1) * taps.t()).sum(dim=-1) + bias
    out.copy_(functional.silu(functional.layer_norm(convolved, scale.shape, scale, shift)))
    last = min(fresh, kept)
    after = (heard[:, None] + torch.arange(fresh - last, fresh, device=entered.device)) % kept
    ring[rows, after] = window[:, -last:]


def log_softmax(x: Tensor, out: Tensor) -> None:
    """Natural log probabilities over the last axis."""
    out.copy_(functional.log_softmax(x, dim=-1))

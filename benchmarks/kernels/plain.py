"""The same work in plain torch operations: what kernels are measured against, on CPUs and GPUs.

States are kept in slots as the kernels keep them, but in order of time: read with an index, joined, cut, written back.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from kernels.convolution_ring import EPSILON
from kernels.log_mel import LENGTH, POINTS, SHIFT
from kernels.log_mel.tables import PREEMPHASIS


def attend(
    projected: Tensor, slot: Tensor, keys: Tensor, values: Tensor, cosines: Tensor, sines: Tensor, heads: int
) -> Tensor:
    """Attention as the body's module does it, of streams that have heard enough; ``keys`` and ``values`` move on."""
    queries, new_keys, new_values = projected.chunk(3, dim=-1)
    left, fresh = keys.shape[1], projected.shape[1]
    all_keys, all_values = torch.cat([keys[slot], new_keys], 1), torch.cat([values[slot], new_values], 1)
    q = _rotate(_split(queries, heads), cosines[left:], sines[left:])
    k = _rotate(_split(all_keys, heads), cosines, sines)
    scores = torch.matmul(q * q.shape[-1] ** -0.5, k.transpose(-1, -2))
    mixed = torch.matmul(scores.softmax(dim=-1), _split(all_values, heads))
    keys[slot], values[slot] = all_keys[:, fresh:], all_values[:, fresh:]
    return mixed.transpose(1, 2).flatten(2)


def _split(x: Tensor, heads: int) -> Tensor:
    return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)


def _rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    turned = (first * cosines - second * sines, second * cosines + first * sines)
    return torch.cat(turned, dim=-1).to(x.dtype)


def convolve(
    entered: Tensor, slot: Tensor, state: Tensor, taps: Tensor, bias: Tensor, scale: Tensor, shift: Tensor
) -> Tensor:
    """The middle of the body's convolution module; ``state`` moves on, streams have heard enough to fill it."""
    gated = torch.cat([state[slot], functional.glu(entered, dim=-1)], dim=1)
    y = functional.conv1d(gated.transpose(1, 2), taps.T[:, None], bias, groups=len(bias)).transpose(1, 2)
    state[slot] = gated[:, -state.shape[1] :]
    return functional.silu(functional.layer_norm(y, bias.shape, scale, shift, EPSILON))


def query(
    first: Tensor, word: Tensor, log_prob: Tensor, backoff: Tensor, shorter: Tensor, longest: int, halvings: int,
    state: Tensor, words: Tensor,
) -> Tensor:  # fmt: skip
    """Scores of words: the same search, all lanes in step; ``halvings`` are those of the node with most children."""
    node = state[:, None].expand_as(words).long()
    found, lost = torch.full_like(node, -1), torch.zeros(words.shape, device=words.device)
    for _ in range(longest - 1):
        known = (node >= 0) & (found < 0)
        low, end = first[node.clamp(min=0)].long(), first[node.clamp(min=0) + 1].long()
        high = end
        for _ in range(halvings):
            middle = (low + high) // 2
            less = (low < high) & (word[middle.clamp(max=len(word) - 1)] < words)
            high = torch.where((low < high) & ~less, middle, high)
            low = torch.where(less, middle + 1, low)
        hit = known & (low < end) & (word[low.clamp(max=len(word) - 1)] == words)
        found = torch.where(hit, low, found)
        lost += torch.where(known & ~hit, backoff[node.clamp(min=0)], 0.0)
        node = torch.where(node >= 0, shorter[node.clamp(min=0)].long(), node)
    return lost + log_prob[torch.where(found < 0, words.long(), found)]


def log_mel(pcm: Tensor, window: Tensor, triangles: Tensor, least: float) -> Tensor:
    """Log-mel energies (S, frames, 80) of all frames of streams (S, n) of samples."""
    frames = pcm.float().unfold(1, LENGTH, SHIFT)
    frames = frames - frames.mean(dim=-1, keepdim=True)
    before = torch.cat([frames[..., :1], frames[..., :-1]], dim=-1)
    spectrum = torch.fft.rfft((frames - PREEMPHASIS * before) * window, POINTS)[..., :-1]
    energies = spectrum.real.square() + spectrum.imag.square()
    return torch.matmul(energies, triangles).clamp(min=least).log()

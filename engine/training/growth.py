"""A deeper body made of a trained one, which it equals at first: progressive stacking.

Every new block is a copy of a trained middle block whose outputs are zeroed, so that it adds nothing until trained.
Source: Gong et al., "Efficient Training of BERT by Progressively Stacking" (ICML 2019); Chen et al., "Net2Net"
(arXiv 1511.05641) for starting from the same function.
"""

from __future__ import annotations

import re

import torch
from torch import Tensor

from engine.training.network import Network

Weights = dict[str, Tensor]
_BLOCK = re.compile(r"blocks\.(\d+)\.(.+)")
_OUTPUTS = ("attention.out.", "convolution.leave.", "narrow.")


def origins(old: int, new: int) -> list[tuple[int, bool]]:
    """Say which old block each new block is, and whether it is only a silent copy of it.

    Args:
        old: blocks of the trained body.
        new: blocks of the deeper one.

    Raises:
        ValueError: the new body is not deeper.
    """
    if new < old or old < 3:
        raise ValueError(f"a body of {old} blocks cannot grow to {new}; give more blocks, or train from the start")
    middle = old - 2
    times, more = divmod(new - 2, middle)
    placed = [(0, False)]
    for index in range(middle):
        copies = times + (index < more)
        placed += [(1 + index, copy > 0) for copy in range(copies)]
    return [*placed, (old - 1, False)]


def grow(weights: Weights, network: Network) -> None:
    """Fill a deeper network from the weights of a shallower one of the same width.

    Args:
        weights: of the trained body, by name.
        network: deeper, or as deep; what the trained body lacks (a head) keeps its fresh weights.

    Raises:
        ValueError: the widths differ, or the network is not deeper.
    """
    old = 1 + max(int(found[1]) for name in weights if (found := _BLOCK.match(name)))
    placed = origins(old, network.shape.blocks)
    fresh = network.state_dict()
    grown = {name: weights.get(name, value) for name, value in fresh.items() if not _BLOCK.match(name)}
    for index, (origin, silent) in enumerate(placed):
        for name in (name for name in fresh if name.startswith(f"blocks.{index}.")):
            part = name.removeprefix(f"blocks.{index}.")
            value = weights[f"blocks.{origin}.{part}"]
            grown[name] = torch.zeros_like(value) if silent and part.startswith(_OUTPUTS) else value
    grown["mix"] = _grown_mix(weights.get("mix"), placed, fresh["mix"])
    wrong = [name for name, value in grown.items() if value.shape != fresh[name].shape]
    if wrong:
        raise ValueError(f"{wrong[0]} has another shape in the trained body; grow a body of the same width")
    network.load_state_dict(grown)


def _grown_mix(mix: Tensor | None, placed: list[tuple[int, bool]], fresh: Tensor) -> Tensor:
    if mix is None:
        return fresh
    grown = torch.zeros_like(fresh)
    for index, (origin, _) in enumerate(placed[1:-1]):
        last = index + 1 == len(placed) - 2 or placed[index + 2][0] != origin
        if last:  # of the copies of a block, whose output is that of all before it
            grown[index] = mix[origin - 1]
    return grown

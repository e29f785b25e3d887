"""Muon: momentum whose matrices are made orthogonal before they are added to the weights.

A matrix learns equally in all its directions, so that a body needs about half the steps of AdamW. Matrices of one shape
go through the iteration together: one by one, or in bfloat16 as in ``torch.optim.Muon``, it takes a CPU longer than the
gradient. Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024) for the iteration and
its coefficients; Liu et al., "Muon is Scalable for LLM Training" (arXiv 2502.16982) for steps of AdamW's size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

QUINTIC = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
MOMENTUM = 0.95
ADAMW_SIZE = 0.2  # root mean square of a typical AdamW step, in learning rates
ORTHOGONAL = "orthogonal"


def orthogonalise(stacked: Tensor) -> Tensor:
    """Push the singular values of matrices towards 1, to between 0.7 and 1.2, and keep their directions.

    Args:
        stacked: (n, rows, columns), finite.
    """
    tall = stacked.shape[1] > stacked.shape[2]
    x = stacked.mT if tall else stacked
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    a, b, c = QUINTIC
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


class Muon(torch.optim.AdamW):
    """AdamW, but Muon for groups of matrices that say ``orthogonal``."""

    def __init__(self, groups: Iterable[dict[str, Any]], rate: float) -> None:
        marked = [{ORTHOGONAL: False, **group} for group in groups]
        super().__init__(marked, lr=rate, betas=(0.9, 0.98), fused=True)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Make one step of all groups.

        Raises:
            ValueError: a closure is given.
        """
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            if group[ORTHOGONAL]:
                self._turn(group)
        super().step()

    def _turn(self, group: dict[str, Any]) -> None:
        alike: dict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)
        for weight in group["params"]:
            if weight.grad is not None:
                alike[weight.shape].append((weight, self._pull(weight, weight.grad)))
                weight.grad = None  # nothing is left for AdamW
        for shape, pulled in alike.items():
            steps = orthogonalise(torch.stack([pull for _, pull in pulled]))
            size = ADAMW_SIZE * max(shape) ** 0.5 * group["lr"]
            for (weight, _), step in zip(pulled, steps, strict=True):
                weight.mul_(1 - group["lr"] * group["weight_decay"]).sub_(step, alpha=size)

    def _pull(self, weight: Tensor, gradient: Tensor) -> Tensor:
        """Nesterov's momentum with the gradient in it."""
        state = self.state[weight]
        if "momentum" not in state:
            state["step"] = torch.zeros(())  # never counted: AdamW looks for it in every state that it loads
            state["momentum"] = torch.zeros_like(weight)
        return gradient.lerp(state["momentum"].lerp_(gradient, 1 - MOMENTUM), MOMENTUM)

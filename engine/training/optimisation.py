"""One training step on one process, and the averaging of gradients between processes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn import functional

from engine.training.batches import Batch, Targets
from engine.training.muon import ORTHOGONAL, Muon
from engine.training.network import Network

INNER = re.compile(r"(^|\.)(blocks|pair|part)\.")
MIDDLE_SHARE = 0.25
LETTER_SHARE = 0.1


def ctc(log_probs: Tensor, lengths: Tensor, targets: Targets) -> Tensor:
    """Sum the CTC losses of a batch.

    Args:
        log_probs: (B, n, tokens).
        lengths: (B,) valid tokens.
        targets: what is said.
    """
    return functional.ctc_loss(
        log_probs.transpose(0, 1),
        torch.from_numpy(targets.flat).to(lengths.device),
        lengths,
        torch.from_numpy(targets.lengths).to(lengths.device),
        reduction="sum",
        zero_infinity=True,
    )


def loss_of(network: Network, batch: Batch, chunk: int) -> tuple[Tensor, float]:
    """Give the loss a phone to minimise (phones, early phones, letters) and, to log, that of the last phones alone."""
    device = network.mean.device
    lengths = torch.from_numpy(batch.lengths).to(device)
    # On a GPU matrices are multiplied in bfloat16; softmax and CTC stay in float32 by torch's own rules.
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        reading = network(torch.from_numpy(batch.features).to(device), lengths, chunk)
    phones = max(1, len(batch.phones.flat))
    final = ctc(reading.phones, lengths, batch.phones)
    early, letters = ctc(reading.early, lengths, batch.phones), ctc(reading.letters, lengths, batch.letters)
    total = (final + MIDDLE_SHARE * early + LETTER_SHARE * letters) / phones
    return total, float(final.detach()) / phones


def make_optimiser(network: nn.Module, rate: float, decay: float) -> Muon:
    """Make a Muon for the matrices between first and last layers; all else goes to its AdamW. Only matrices shrink."""
    inner: list[nn.Parameter] = []
    outer: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, weight in network.named_parameters():
        kind = others if weight.ndim <= 1 else inner if weight.ndim == 2 and INNER.search(name) else outer
        kind.append(weight)
    return Muon(
        [
            {"params": inner, "weight_decay": decay, ORTHOGONAL: True},
            {"params": outer, "weight_decay": decay},
            {"params": others, "weight_decay": 0.0},
        ],
        rate,
    )


def average_gradients(weights: Sequence[nn.Parameter]) -> None:
    """Replace every gradient by its mean over all processes, in one message."""
    if not distributed.is_initialized():
        return
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for gradient, part in zip(gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def train_step(
    network: Network, optimiser: torch.optim.Optimizer, batch: Batch, chunk: int, rate: float, clip: float
) -> float:
    """Make one step of all processes together and give the loss a phone.

    Raises:
        FloatingPointError: the gradient is not finite.
    """
    for group in optimiser.param_groups:
        group["lr"] = rate
    total, shown = loss_of(network, batch, chunk)
    total.backward()  # type: ignore[no-untyped-call]
    weights = list(network.parameters())
    average_gradients(weights)
    norm = float(nn.utils.clip_grad_norm_(weights, clip))
    if not np.isfinite(norm):
        raise FloatingPointError("the gradient is not finite; lower the learning rate")
    optimiser.step()
    optimiser.zero_grad()
    return shown

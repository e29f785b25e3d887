"""Where a training stands, on disk: enough to go on exactly, or to branch off."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from engine.training.growth import grow
from engine.training.network import Network


@dataclass(slots=True)
class Progress:
    """How far a training is.

    Attributes:
        step: steps made.
        epoch: epoch in progress.
        position: batches of it that are done.
        seconds: audio trained on by all processes.
        wall: seconds of work, pauses left out.
        decayed: share of the decay done, None before it begins.
    """

    step: int = 0
    epoch: int = 0
    position: int = 0
    seconds: float = 0.0
    wall: float = 0.0
    decayed: float | None = None


def save(path: Path, network: Network, optimiser: torch.optim.Optimizer, progress: Progress) -> None:
    """Write a checkpoint; a reader never sees half of one."""
    partial = path.with_suffix(".part")
    torch.save(
        {
            "network": network.state_dict(),
            "optimiser": optimiser.state_dict(),
            "progress": {name: getattr(progress, name) for name in Progress.__slots__},
        },
        partial,
    )
    partial.rename(path)


def restore(path: Path, network: Network, optimiser: torch.optim.Optimizer | None = None) -> Progress:
    """Load a checkpoint into a network (and its optimiser) and give its progress."""
    stored = torch.load(path, weights_only=True)
    network.load_state_dict(stored["network"])
    if optimiser is not None:
        optimiser.load_state_dict(stored["optimiser"])
    return Progress(**stored["progress"])


def begin_from(path: Path, network: Network, optimiser: torch.optim.Optimizer) -> Progress:
    """Go on from a checkpoint of the same body, or begin anew with a deeper body grown out of it.

    Raises:
        ValueError: the body of the checkpoint is no shallower one of the same width.
    """
    stored = torch.load(path, weights_only=True)["network"]
    if stored.keys() == network.state_dict().keys():
        return restore(path, network, optimiser)
    grow(stored, network)
    return Progress()

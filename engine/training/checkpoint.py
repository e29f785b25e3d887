"""Where a training stands, on disk: enough to go on exactly, or to branch off."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from engine.errors import TrainingError
from engine.training.growth import grow
from engine.training.network import Network

FORMAT = 3  # 2 had AdamW's state for every weight; 1 had neither format nor shape nor tokens nor order


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
        drawn: of each corpus, the versions that the epoch in progress draws from.
    """

    step: int = 0
    epoch: int = 0
    position: int = 0
    seconds: float = 0.0
    wall: float = 0.0
    decayed: float | None = None
    drawn: list[list[int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a checkpoint was made with.

    Attributes:
        tokens: of the phone head.
        order: digest of what decides the order of batches.
    """

    tokens: Sequence[str]
    order: str


def save(path: Path, network: Network, optimiser: torch.optim.Optimizer, progress: Progress, stamp: Stamp) -> None:
    """Write the checkpoint of a tuning."""
    stored = {
        "format": FORMAT,
        "kind": "tuned",
        "shape": asdict(network.shape),
        "tokens": list(stamp.tokens),
        "order": stamp.order,
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "progress": {name: getattr(progress, name) for name in Progress.__slots__},
    }
    write(path, stored)


def write(path: Path, stored: dict[str, Any]) -> None:
    """Write a checkpoint of any kind; a reader never sees half of one, whenever the writer is killed."""
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        torch.save(stored, file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


def read(path: Path) -> dict[str, Any]:
    """Read a checkpoint of any kind.

    Raises:
        TrainingError: it is missing, damaged, or of a newer format.
    """
    try:
        stored = torch.load(path, weights_only=True, map_location="cpu")
        version = stored.get("format", 1)
        stored["network"]
    except FileNotFoundError:
        raise TrainingError(str(path), "no such checkpoint; name one such as main/last.pt") from None
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, AttributeError, pickle.UnpicklingError) as wrong:
        line = str(wrong).splitlines()[0] if str(wrong) else type(wrong).__name__
        raise TrainingError(str(path), f"no checkpoint, or a damaged one ({line}); take an earlier one") from None
    if version not in range(1, FORMAT + 1):
        raise TrainingError(str(path), f"a checkpoint of format {version}; this version reads 1 to {FORMAT}")
    return dict(stored)


def restore(path: Path, network: Network, optimiser: torch.optim.Optimizer | None = None) -> Progress:
    """Load a checkpoint into a network of its shape (and its optimiser) and give its progress.

    Raises:
        TrainingError: it cannot be read, or is of another body.
    """
    stored = read(path)
    _fit(path, stored, network)
    network.load_state_dict(stored["network"])
    if optimiser is not None:
        restore_optimiser(stored, optimiser)
    known = {name: value for name, value in stored["progress"].items() if name in Progress.__slots__}
    return Progress(**known)


def restore_optimiser(stored: dict[str, Any], optimiser: torch.optim.Optimizer) -> None:
    """Load an optimiser's state; that of an older format, of another optimiser, is left out.

    Raises:
        ValueError: the state is of other weights.
    """
    if stored.get("format", 1) == FORMAT:
        optimiser.load_state_dict(stored["optimiser"])


def begin_from(path: Path, network: Network, optimiser: torch.optim.Optimizer) -> Progress:
    """Go on from a checkpoint of the same body, or begin anew: a pretrained body, or a shallower one that grows.

    Raises:
        TrainingError: it cannot be read, or the body is neither the same nor a shallower one of the same width.
    """
    stored = read(path)
    if stored["network"].keys() == network.state_dict().keys():
        return restore(path, network, optimiser)
    try:
        grow(stored["network"], network)
    except (ValueError, KeyError) as wrong:
        raise TrainingError(str(path), str(wrong)) from None
    return Progress()


def order_of(path: Path) -> str:
    """Give the digest of what decided the order of batches; empty where the checkpoint does not say."""
    return str(read(path).get("order", ""))


def _fit(path: Path, stored: dict[str, Any], network: Network) -> None:
    """Say in one line how the body of a checkpoint differs."""
    wanted, given = asdict(network.shape), stored.get("shape")
    other = [
        f"{name} {given[name]} (here {value})" for name, value in wanted.items() if given and given.get(name) != value
    ]
    weights, fresh = stored["network"], network.state_dict()
    if not other and weights.keys() != fresh.keys():
        other = [f"{len(weights)} weights (here {len(fresh)})"]
    if not other:
        other = [
            f"{name} of shape {list(weights[name].shape)} (here {list(value.shape)})"
            for name, value in fresh.items()
            if weights[name].shape != value.shape
        ][:1]
    if other:
        raise TrainingError(str(path), f"another body: {', '.join(other)}; give the recipe it was trained with")

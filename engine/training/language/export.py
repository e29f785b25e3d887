"""Write a trained language model for the engine: ``python -m engine.training.language.export CHECKPOINT OUT``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from engine.rescoring.neural import NeuralModel, save_neural


def exported(state: Mapping[str, torch.Tensor]) -> NeuralModel:
    """The weights of a network's state as the engine runs them."""
    names = ("embedding.weight", "bias", "mix.weight", "mix.bias", "out.weight", "out.bias")
    return NeuralModel(*(state[name].numpy() for name in names))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="last.pt of a training's folder")
    parser.add_argument("out", type=Path, help="the file to make, lm-neural.npz beside graph.npz")
    chosen = parser.parse_args(arguments)
    save_neural(exported(torch.load(chosen.checkpoint, weights_only=True)["network"]), chosen.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

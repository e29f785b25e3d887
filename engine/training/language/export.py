"""Write a trained language model for the engine: ``python -m engine.training.language.export CHECKPOINT OUT``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from engine.rescoring.neural import NeuralModel, save_neural


def exported(state: Mapping[str, torch.Tensor], normaliser: float) -> NeuralModel:
    """The weights of a network's state as the engine runs them.

    Args:
        normaliser: mean log of its sum over all words, taken off every score.
    """
    embedding, bias, *layers = (
        state[name].numpy() for name in ("embedding.weight", "bias", "mix.weight", "mix.bias", "out.weight", "out.bias")
    )
    return NeuralModel(embedding, bias - np.float32(normaliser), *layers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="last.pt of a training's folder")
    parser.add_argument("out", type=Path, help="the file to make, lm-neural.npz beside graph.npz")
    chosen = parser.parse_args(arguments)
    stored = torch.load(chosen.checkpoint, weights_only=True)
    save_neural(exported(stored["network"], stored["normaliser"]), chosen.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

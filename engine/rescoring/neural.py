"""The neural language model, run by numpy: the last few words in, log probabilities out.

File: a zip of arrays (npz) with ``format``. Embeddings are rows of 8 bits with a scale each, the layers are float16.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arrays import read_arrays
from engine.ngram.vocabulary import BEGIN

FORMAT_VERSION = 1

I32 = NDArray[np.int32]
F32 = NDArray[np.float32]


@dataclass(frozen=True)
class NeuralModel:
    """Weights of a feed-forward model with tied embeddings; its scores are nearly normalised by training."""

    embedding: F32  # (V, D)
    bias: F32  # (V,)
    mix: F32  # (H, C * D)
    mix_bias: F32  # (H,)
    out: F32  # (D, H)
    out_bias: F32  # (D,)

    @property
    def context(self) -> int:
        """Words of history it reads."""
        return int(self.mix.shape[1] // self.embedding.shape[1])

    def log_probs(self, histories: I32, used: I32, words: I32) -> F32:
        """Natural log probabilities (K,) of words, not normalised.

        Args:
            histories: (K, W) the words before, the newest last, W at least ``context``.
            used: (K,) how many of them there are; begin marks stand in for the rest.
            words: (K,) what to score.
        """
        wanted = histories[:, histories.shape[1] - self.context :]
        missing = np.arange(self.context) < self.context - used[:, None]
        apart, at = np.unique(np.where(missing, BEGIN, wanted), axis=0, return_inverse=True)
        answers = self.answers(apart)[at.reshape(-1)]
        said = np.maximum(words, 0)
        scores: F32 = np.einsum("kd,kd->k", answers, self.embedding[said]) + self.bias[said]
        return scores

    def answers(self, contexts: NDArray[np.integer]) -> F32:
        """What the next word's embedding should be (K, D), for contexts (K, C)."""
        read = self.embedding[contexts].reshape(len(contexts), -1) @ self.mix.T + self.mix_bias
        answers: F32 = (read / (1 + np.exp(-read))) @ self.out.T + self.out_bias
        return answers


def save_neural(model: NeuralModel, path: Path) -> None:
    """Write a model, its embeddings rounded to 8 bits."""
    scale = np.maximum(np.abs(model.embedding).max(axis=1), 1e-9) / 127
    layers = {name: getattr(model, name).astype(np.float16) for name in ("bias", "mix", "mix_bias", "out", "out_bias")}
    with path.open("wb") as out:
        np.savez_compressed(
            out, allow_pickle=False, format=np.array([FORMAT_VERSION]), scale=scale.astype(np.float32),
            embedding=np.rint(model.embedding / scale[:, None]).astype(np.int8), **layers,
        )  # fmt: skip


def load_neural(path: Path) -> NeuralModel:
    """Read a model.

    Raises:
        ModelError: the file is missing, damaged, or of another format version.
    """
    maker = "python -m engine.training.language.train"
    arrays = read_arrays(path, "neural language model", FORMAT_VERSION, maker)
    names = ("embedding", "scale", "bias", "mix", "mix_bias", "out", "out_bias")
    embedding, scale, *layers = (arrays[name].astype(np.float32) for name in names)
    return NeuralModel(embedding * scale[:, None], *layers)

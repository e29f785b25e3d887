"""What a pretraining is: its recipe, a body with a head that guesses codes, and one step of it.

Source: Chiu et al., BEST-RQ (arXiv 2202.01855): noise hides spans of the recording, and only what is hidden is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.errors import TrainingError
from engine.training.batches import Batch
from engine.training.guesses import Guesses
from engine.training.masking import Spans, draw_spans, hide
from engine.training.network import SUBSAMPLING, Network
from engine.training.quantiser import Codebooks, Quantiser
from engine.training.recipe import fill, read_table
from engine.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides a pretraining but the data themselves."""

    settings: Settings
    codebooks: Codebooks = field(default_factory=Codebooks)
    spans: Spans = field(default_factory=Spans)


def read_plan(path: Path, speech: Path, work: Path) -> Plan:
    """Read a recipe: the settings of a training, and the tables ``codebooks`` and ``spans``.

    Raises:
        TrainingError: the file cannot be read, or a setting is missing, unknown or of no use.
    """
    table = read_table(path, speech, work)
    codebooks = fill(Codebooks, table.pop("codebooks", {}), f"{path}, codebooks")
    spans = fill(Spans, table.pop("spans", {}), f"{path}, spans")
    settings = fill(Settings, table, str(path))
    if not 0 < spans.share < 1 or spans.tokens < 1:
        raise TrainingError(str(path), f"{spans} hides nothing or all; give a share between 0 and 1, a token at least")
    if min(codebooks.count, codebooks.codes - 1, codebooks.width) < 1:
        raise TrainingError(str(path), f"{codebooks}: at least one codebook of two codes is wanted")
    if not settings.corpora or not settings.chunks:
        raise TrainingError(str(path), "no corpora or no chunks; see engine/training/pretrain.toml")
    return Plan(settings, codebooks, spans)


class Guesser(nn.Module):
    """A body with one head for all codebooks, and the quantiser that knows the answers."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        shape = plan.settings.shape
        self.network = Network(shape, plan.settings.dropout)
        self.norm = nn.LayerNorm(shape.width)
        self.head = nn.Linear(shape.width, plan.codebooks.count * plan.codebooks.codes)
        self.quantiser = Quantiser(plan.codebooks, shape.bins, plan.settings.seed)

    def forward(self, features: Tensor, lengths: Tensor, hidden: Tensor, chunk: int) -> Tensor:
        """Guess what is hidden.

        Args:
            features: (B, T, bins) with noise where hidden.
            lengths: (B,) valid tokens.
            hidden: (B, T / 4) bool.
            chunk: tokens a chunk, even.

        Returns:
            scores (hidden tokens, codebooks, codes).
        """
        states = self.network.encode(features, lengths, chunk).last[hidden]
        return torch.as_tensor(self.head(self.norm(states))).reshape(len(states), *self.quantiser.codes.shape[:2])

    def loss(self, batch: Batch, chunk: int, spans: Spans, rng: np.random.Generator) -> tuple[Tensor, Guesses]:
        """Hide parts of a batch and give the cross-entropy (nats) of guessing them, and the guesses counted.

        Args:
            batch: recordings; what is guessed is taken from them as they are here, augmented.
            chunk: tokens a chunk, even.
            spans: how much to hide.
            rng: decides what.
        """
        mean, deviation = self.network.mean, self.network.deviation
        hidden = draw_spans(batch.lengths, batch.features.shape[1] // SUBSAMPLING, spans, rng)
        covered = hide(batch.features, hidden, mean.cpu().numpy(), deviation.cpu().numpy(), rng)
        features, heard, lengths, where = (
            torch.from_numpy(array).to(mean.device) for array in (batch.features, covered, batch.lengths, hidden)
        )
        truth = self.quantiser(features, lengths)[where]
        with torch.autocast(mean.device.type, torch.bfloat16, enabled=mean.device.type == "cuda"):
            scores = self(heard, lengths, where, chunk)
        loss = functional.cross_entropy(scores.float().flatten(0, 1), truth.flatten())
        return loss, Guesses.of(scores.detach(), truth, float(loss.detach()))

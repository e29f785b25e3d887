"""How well hidden tokens are guessed, and whether the codebooks are worth guessing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.training.quantiser import Codebooks


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """Counts over hidden tokens, which add up.

    Attributes:
        loss: summed cross-entropy (nats) of all guesses.
        right: guesses that named the code.
        uses: (codebooks, codes) how often each code was to be guessed.
    """

    loss: float
    right: int
    uses: Tensor

    @classmethod
    def none(cls, books: Codebooks) -> Guesses:
        """Nothing guessed yet."""
        return cls(0.0, 0, torch.zeros(books.count, books.codes, dtype=torch.int64, device="cpu"))

    @classmethod
    def of(cls, scores: Tensor, truth: Tensor, loss: float) -> Guesses:
        """Count one batch.

        Args:
            scores: (n, codebooks, codes).
            truth: (n, codebooks).
            loss: mean cross-entropy (nats).
        """
        books, codes = truth.shape[1], scores.shape[2]
        flat = (truth + codes * torch.arange(books, device=truth.device)).flatten()
        uses = torch.bincount(flat, minlength=books * codes).reshape(books, codes)
        return cls(loss * truth.numel(), int((scores.argmax(dim=-1) == truth).sum()), uses.cpu())

    def __add__(self, other: Guesses) -> Guesses:
        return Guesses(self.loss + other.loss, self.right + other.right, self.uses + other.uses)

    def counts(self) -> dict[str, float | int | Tensor]:
        """All that makes it again."""
        return {"loss": self.loss, "right": self.right, "uses": self.uses}

    def row(self) -> dict[str, float]:
        """Rates for a log.

        ``chance`` is how often a guess is right that always names the commonest code, ``unigram`` the cross-entropy of
        one that knows only how common each is; ``used`` is the share of codes that occurred, and ``perplexity`` how
        many equally common codes would be as varied, a codebook on average.
        """
        total = int(self.uses.sum())
        if not total:
            return {}
        shares = self.uses.double() / self.uses.sum(dim=1, keepdim=True)
        entropies = -(shares * shares.clamp(min=1e-300).log()).sum(dim=1)
        return {
            "loss": round(self.loss / total, 4),
            "accuracy": round(self.right / total, 4),
            "chance": round(float(shares.max(dim=1).values.mean()), 4),
            "unigram": round(float(entropies.mean()), 4),
            "used": round(float((self.uses > 0).double().mean()), 4),
            "perplexity": round(math.exp(float(entropies.mean())), 1),
        }

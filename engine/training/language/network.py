"""A feed-forward language model: the last few words in, the next word's scores out.

Source: Bengio et al., "A Neural Probabilistic Language Model" (JMLR 2003), with input and output embeddings tied (Press
and Wolf, EACL 2017). A bounded history lets a lattice's paths be merged, which a recurrent model forbids.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True, slots=True)
class LanguageShape:
    """Sizes of a model.

    Attributes:
        words: size of the vocabulary, marks included.
        context: words of history.
        width: of an embedding.
        hidden: of the layer between.
    """

    words: int
    context: int = 5
    width: int = 96
    hidden: int = 256


class LanguageNetwork(nn.Module):
    """Histories to a vector that, times a word's embedding, gives the word's score."""

    def __init__(self, shape: LanguageShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.words, shape.width)
        self.bias = nn.Parameter(torch.zeros(shape.words))
        self.mix = nn.Linear(shape.context * shape.width, shape.hidden)
        self.out = nn.Linear(shape.hidden, shape.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, contexts: torch.Tensor) -> torch.Tensor:
        """Read histories.

        Args:
            contexts: (B, context) word numbers, the newest last.

        Returns:
            (B, width) what the next word's embedding should be.
        """
        read = self.embedding(contexts).flatten(1)
        answer: torch.Tensor = self.out(self.dropout(nn.functional.silu(self.mix(read))))
        return answer

    def log_probs(self, contexts: torch.Tensor) -> torch.Tensor:
        """Natural log probability (B, words) of every next word, normalised exactly."""
        scores: torch.Tensor = self(contexts) @ self.embedding.weight.T + self.bias
        return scores.log_softmax(1)


def sampled_loss(
    network: LanguageNetwork, contexts: torch.Tensor, words: torch.Tensor, noise: torch.Tensor,
    noise_log_prob: torch.Tensor, penalty: float,
) -> torch.Tensor:  # fmt: skip
    """Cross-entropy with the normaliser estimated from drawn words, and a pull of its logarithm towards 0.

    The pull lets a model be asked for one word without summing over all: its scores are nearly log probabilities.
    Source: Bengio and Senecal, "Adaptive Importance Sampling" (2008); Devlin et al. (ACL 2014), self-normalisation.

    Args:
        contexts: (B, context) word numbers.
        words: (B,) what came next.
        noise: (K,) words drawn with replacement.
        noise_log_prob: (K,) log of how likely each was to be drawn.
        penalty: weight of the squared log normaliser.
    """
    answer = network(contexts)
    score = (answer * network.embedding(words)).sum(1).float() + network.bias[words]
    others = (answer @ network.embedding(noise).T).float() + network.bias[noise]
    log_sum = torch.logsumexp(others - noise_log_prob, 1) - torch.log(torch.tensor(float(len(noise))))
    loss: torch.Tensor = (log_sum - score).mean() + penalty * log_sum.square().mean()
    return loss

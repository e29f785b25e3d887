"""How well phone sequences explain a recording: exact CTC scores of many sequences at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import ctc_loss

Scores = npt.NDArray[np.float64]
Phones = Sequence[int] | npt.NDArray[np.uint8]


def ctc_scores(
    log_probs: npt.NDArray[np.float32], sequences: Sequence[Sequence[int] | npt.NDArray[np.uint8]]
) -> Scores:
    """Score sequences by their probability, summed over all alignments.

    Args:
        log_probs: (T, V) natural log posteriors, blank first.
        sequences: N phone sequences.

    Returns:
        (N,) natural log probabilities, -inf where a sequence does not fit into T frames.
    """
    if not sequences:
        return np.zeros(0)
    lengths = torch.tensor([len(one) for one in sequences])
    targets = torch.zeros((len(sequences), int(lengths.max())), dtype=torch.long)
    for row, one in zip(targets, sequences, strict=True):
        row[: len(one)] = torch.from_numpy(np.asarray(one, np.int64))
    frames = torch.from_numpy(np.ascontiguousarray(log_probs))[:, None].expand(-1, len(sequences), -1)
    heard = torch.full((len(sequences),), len(log_probs))
    with torch.inference_mode():
        losses = ctc_loss(frames.contiguous(), targets, heard, lengths, reduction="none")
    return -losses.double().numpy()


def best_path_score(log_probs: npt.NDArray[np.float32]) -> float:
    """Natural log probability of the likeliest alignment of any sequence: what no sequence much exceeds."""
    return float(log_probs.max(axis=1).sum(dtype=np.float64))

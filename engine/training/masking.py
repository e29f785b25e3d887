"""What is hidden from a body that learns by guessing: spans of tokens, behind faint noise.

Source: Chiu et al. (arXiv 2202.01855), section 3: spans of 400 ms start at random and may overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.training.network import SUBSAMPLING

NOISE = 0.1  # standard deviations of a bin


@dataclass(frozen=True, slots=True)
class Spans:
    """How much is hidden: a share of all tokens, in spans of so many tokens of 40 ms."""

    share: float = 0.4
    tokens: int = 10


def draw_spans(
    lengths: npt.NDArray[np.int64], count: int, spans: Spans, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Draw what to hide of each recording, at least one token.

    Args:
        lengths: (B,) valid tokens, 1 at least.
        count: tokens of a row.
        spans: how much.
        rng: decides.

    Returns:
        (B, count) True where hidden.
    """
    # A token is seen if none of the last ``tokens`` places starts a span: (1 - p) ** tokens = 1 - share.
    chance = 1 - (1 - spans.share) ** (1 / spans.tokens)
    starts = rng.random((len(lengths), count + spans.tokens - 1)) < chance  # some begin before the recording does
    sums = np.cumsum(np.pad(starts, ((0, 0), (spans.tokens, 0))), axis=1)
    begun = sums[:, spans.tokens :] - sums[:, : -spans.tokens]  # spans that hold a token
    hidden: npt.NDArray[np.bool_] = begun[:, spans.tokens - 1 :] > 0
    hidden &= np.arange(count)[None] < lengths[:, None]
    for row in np.flatnonzero(~hidden.any(axis=1)):
        first = int(rng.integers(lengths[row]))
        hidden[row, first : min(first + spans.tokens, int(lengths[row]))] = True
    return hidden


def hide(
    features: npt.NDArray[np.float32],
    hidden: npt.NDArray[np.bool_],
    mean: npt.NDArray[np.float32],
    deviation: npt.NDArray[np.float32],
    rng: np.random.Generator,
) -> npt.NDArray[np.float32]:
    """Put noise about the mean in place of the hidden tokens' frames.

    Args:
        features: (B, T, bins) raw log-mel energies.
        hidden: (B, T / 4).
        mean: (bins,) of all speech.
        deviation: (bins,) of all speech.
        rng: of the noise.
    """
    frames = np.repeat(hidden, SUBSAMPLING, axis=1)
    noise = rng.standard_normal((int(frames.sum()), features.shape[2]), np.float32) * np.float32(NOISE)
    covered = features.copy()
    covered[frames] = noise * deviation + mean
    return covered

"""From word posteriors to confidences that are right as often as they say, and how far off any confidences are.

The map is piecewise linear and never falls: isotonic regression over groups of about equally many words, learnt from
words of known correctness (dev, never test). ``model.toml`` keeps it as the table [confidence].

Source: Barlow et al. (1972) for isotonic regression; Naeini et al. (AAAI 2015) for the expected calibration error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from engine.decoder.confidence import ConfidenceMap

GROUP = 60  # words, at least, behind each point of the map
POINTS = 16  # at most


def table_of(found: ConfidenceMap) -> str:
    """The lines of the table [confidence] of model.toml."""
    rows = (("posterior", found.posterior), ("calibrated", found.calibrated))
    return "".join(f"{name} = [{', '.join(f'{value:.4f}' for value in values)}]\n" for name, values in rows)


def fit_calibration(posteriors: Sequence[float], right: Sequence[bool]) -> ConfidenceMap:
    """Learn the map.

    Args:
        posteriors: of each recognised word, 0..1.
        right: whether the word was said.

    Raises:
        ValueError: too few words to learn from.
    """
    if len(posteriors) < 2 * GROUP:
        raise ValueError(f"{len(posteriors)} words are too few to calibrate confidence; give at least {2 * GROUP}")
    order = np.argsort(posteriors, kind="stable")
    groups = np.array_split(order, min(POINTS, len(order) // GROUP))
    given, said = np.asarray(posteriors, np.float64), np.asarray(right, np.float64)
    at = np.round([given[group].mean() for group in groups], 4)
    share = np.array([said[group].mean() for group in groups])
    rising = np.round(isotonic_regression(share, weights=[len(group) for group in groups]).x, 4)
    keep = np.append(np.diff(at) > 0, True) & (at > 0) & (at < 1)  # groups may share a posterior, such as 1
    return ConfidenceMap((0.0, *at[keep].tolist(), 1.0), (float(rising[0]), *rising[keep].tolist(), float(rising[-1])))


@dataclass(frozen=True, slots=True)
class Bin:
    """Words of like confidence: how many, how sure on average, and how many were right."""

    words: int
    confidence: float | None
    right: int

    @property
    def share(self) -> float | None:
        """How often they were right."""
        return self.right / self.words if self.words else None


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> tuple[Bin, ...]:
    """Words grouped into bins of equal width from 0 to 1."""
    sure, said = np.asarray(confidences, np.float64), np.asarray(right, np.int64)
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    groups = [np.flatnonzero(place == one) for one in range(bins)]
    return tuple(
        Bin(len(group), float(sure[group].mean()) if len(group) else None, int(said[group].sum())) for group in groups
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """The mean distance between confidence and share of right words, weighted by words; None without any word."""
    words = sum(one.words for one in bins)
    off = sum(abs(one.words * one.confidence - one.right) for one in bins if one.confidence is not None)
    return off / words if words else None

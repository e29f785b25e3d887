"""Which stretch of what was heard matches which stretch of a text, loose ends left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.acoustic.body import LogProbs
from engine.training.pseudo.matching import Phones

_EDIT = -0.6  # against 1 for an equal phone: half wrong still gains, and unrelated phones (70 % wrong) lose


@dataclass(frozen=True, slots=True)
class Stretch:
    """Equal-sounding stretches of a query and of a text; ends are exclusive."""

    query_first: int
    query_last: int
    first: int
    last: int


def greedy_frames(log_probs: LogProbs) -> tuple[Phones, npt.NDArray[np.int64]]:
    """Read the best token of every frame: phones (n,) and the frames (n,) at which each starts."""
    best = log_probs.argmax(axis=1)
    fresh = np.flatnonzero((np.diff(best, prepend=-1) != 0) & (best > 0))
    return best[fresh].astype(np.uint8), fresh


def best_stretch(query: Phones, text: Phones) -> Stretch:
    """Align a part of a query with a part of a text so that equal phones less edits are most.

    Source: Smith and Waterman, Identification of common molecular subsequences (1981).
    """
    scores = np.zeros((len(query) + 1, len(text) + 1))
    falling = _EDIT * np.arange(len(text) + 1)
    for row, symbol in enumerate(query, 1):
        diagonal = scores[row - 1, :-1] + np.where(text == symbol, 1.0, _EDIT)
        best = np.maximum(0, np.concatenate([[0.0], np.maximum(diagonal, scores[row - 1, 1:] + _EDIT)]))
        scores[row] = np.maximum.accumulate(best - falling) + falling
    row, column = (int(place) for place in np.unravel_index(scores.argmax(), scores.shape))
    query_last, last = row, column
    while scores[row, column] > 1e-9:
        score = scores[row, column]
        equal = 1.0 if query[row - 1] == text[column - 1] else _EDIT
        if abs(score - scores[row - 1, column - 1] - equal) < 1e-9:
            row, column = row - 1, column - 1
        elif abs(score - scores[row - 1, column] - _EDIT) < 1e-9:
            row -= 1
        else:
            column -= 1
    return Stretch(row, query_last, column, last)

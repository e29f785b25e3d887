"""Phone error rates by greedy decoding, the yardstick while training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, slots=True)
class PhoneErrors:
    """Errors and reference phones, which add up."""

    errors: int = 0
    phones: int = 0

    def __add__(self, other: PhoneErrors) -> PhoneErrors:
        return PhoneErrors(self.errors + other.errors, self.phones + other.phones)

    @property
    def rate(self) -> float | None:
        """Errors a phone; None when nothing was said."""
        return self.errors / self.phones if self.phones else None


def greedy(log_probs: npt.NDArray[np.float32]) -> tuple[int, ...]:
    """Read the best token of every frame, repeats merged and blanks dropped.

    Args:
        log_probs: (T, 40).
    """
    best = log_probs.argmax(axis=1)
    fresh = np.flatnonzero(np.diff(best, prepend=-1))
    return tuple(int(token) for token in best[fresh] if token)


def phone_errors(log_probs: npt.NDArray[np.float32], target: Sequence[int]) -> PhoneErrors:
    """Count the edits between the greedy reading and the reference."""
    return PhoneErrors(Levenshtein.distance(greedy(log_probs), tuple(target)), len(target))

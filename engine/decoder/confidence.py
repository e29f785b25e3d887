"""From the posterior of a word in its lattice to the share of such words that is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from engine.errors import ModelError


@dataclass(frozen=True, slots=True)
class ConfidenceMap:
    """A line through points that never falls; the default changes nothing."""

    posterior: tuple[float, ...] = (0.0, 1.0)
    calibrated: tuple[float, ...] = (0.0, 1.0)

    def __call__(self, posterior: float) -> float:
        """The calibrated confidence of a posterior, 0..1."""
        return float(np.clip(np.interp(posterior, self.posterior, self.calibrated), 0.0, 1.0))

    @classmethod
    def from_table(cls, table: Mapping[str, Any], where: str) -> ConfidenceMap:
        """Read the [confidence] table of model.toml: two lists, ``posterior`` and ``calibrated``.

        Raises:
            ModelError: it has other keys, or the lists are not two rising rows of equally many shares.
        """
        if not table:
            return cls()
        if set(table) != {"posterior", "calibrated"}:
            raise ModelError(where, f"[confidence] needs posterior and calibrated, got {', '.join(sorted(table))}")
        rows = [table["posterior"], table["calibrated"]]
        if any(not isinstance(row, list) or not all(_is_share(value) for value in row) for row in rows):
            raise ModelError(where, "[confidence] needs two lists of numbers from 0 to 1")
        if len(rows[0]) != len(rows[1]) or not rows[0]:
            raise ModelError(where, f"[confidence] pairs {len(rows[0])} posteriors with {len(rows[1])} values")
        if any(one >= other for one, other in pairwise(rows[0])) or any(a > b for a, b in pairwise(rows[1])):
            raise ModelError(where, "[confidence] must rise: write its points in order of posterior")
        return cls(tuple(map(float, rows[0])), tuple(map(float, rows[1])))


UNCHANGED = ConfidenceMap()


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1

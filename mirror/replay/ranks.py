"""Order statistics by nearest rank, so that every printed percentile is a value that occurred."""

from __future__ import annotations

import math
from collections.abc import Sequence


def rank(ordered: Sequence[int], percent: float) -> int | None:
    """The value at a percentile of ordered values; None where there are none."""
    return ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1] if ordered else None

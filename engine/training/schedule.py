"""The learning rate: warm up, stay, and decay when told to.

Source: Hu et al., "MiniCPM" (arXiv 2404.06395), the warm-up, stable, decay schedule.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """A learning rate as a function of the step.

    Attributes:
        peak: the stable rate.
        warm_up: steps to reach it.
        final: the last rate, as a share of the peak.
    """

    peak: float = 2e-3
    warm_up: int = 250
    final: float = 0.01

    def rate(self, step: int, decayed: float) -> float:
        """Give the rate of a step, of whose decay a share from 0 (not begun) to 1 (over) is done."""
        rise = min(1.0, (step + 1) / self.warm_up)
        return self.peak * rise * (1.0 - (1.0 - self.final) * min(1.0, max(0.0, decayed)))

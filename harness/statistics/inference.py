"""An estimated difference with the law of its error: every bound, interval and p-value is read off the same object."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special


class Law(Protocol):
    """The distribution of (estimate - truth) / standard error."""

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the standard error."""
        ...

    def quantile(self, p: float) -> float: ...

    def below(self, x: float) -> float:
        """Probability of a value at most x."""
        ...

    def above(self, x: float) -> float:
        """Probability of a value of at least x."""
        ...


@dataclass(frozen=True, slots=True)
class StudentLaw:
    """Student's t."""

    freedom: float

    def quantile(self, p: float) -> float:
        return float(special.stdtrit(self.freedom, p))

    def below(self, x: float) -> float:
        return float(special.stdtr(self.freedom, x))

    def above(self, x: float) -> float:
        return float(special.stdtr(self.freedom, -x))


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLaw:
    """Studentised bootstrap draws, ascending; beyond what so many can tell, Student's t where it lies farther out."""

    draws: np.ndarray
    freedom: float

    def quantile(self, p: float) -> float:
        # The order statistic on the far side, as 1 + draws exchangeable values: never closer than the truth allows.
        n = len(self.draws)
        rank = math.floor(p * (n + 1)) if p < 0.5 else math.ceil(p * (n + 1))
        if 1 <= rank <= n:
            return float(self.draws[rank - 1])
        beyond = StudentLaw(self.freedom).quantile(p)
        return min(float(self.draws[0]), beyond) if p < 0.5 else max(float(self.draws[-1]), beyond)

    def below(self, x: float) -> float:
        return float((1 + np.searchsorted(self.draws, x, side="right")) / (len(self.draws) + 1))

    def above(self, x: float) -> float:
        n = len(self.draws)
        return float((1 + n - np.searchsorted(self.draws, x, side="left")) / (n + 1))


@dataclass(frozen=True, slots=True)
class Inference:
    """A difference (candidate - champion), its standard error, and the law of its error."""

    estimate: float
    error: float  # standard error, in the unit of the estimate
    law: Law
    method: str

    def upper(self, alpha: float) -> float:
        """One-sided upper bound at confidence 1 - alpha."""
        return self.estimate - self.law.quantile(alpha) * self.error if self.error else self.estimate

    def lower(self, alpha: float) -> float:
        """One-sided lower bound at confidence 1 - alpha."""
        return self.estimate - self.law.quantile(1 - alpha) * self.error if self.error else self.estimate

    def p_at_least(self, bound: float) -> float:
        """P-value of the null hypothesis that the truth is ``bound`` or more; small means: it is less."""
        if not self.error:
            return 0.0 if self.estimate < bound else 1.0
        return self.law.below((self.estimate - bound) / self.error)

    def p_at_most(self, bound: float) -> float:
        """P-value of the null hypothesis that the truth is ``bound`` or less; small means: it is more."""
        if not self.error:
            return 0.0 if self.estimate > bound else 1.0
        return self.law.above((self.estimate - bound) / self.error)

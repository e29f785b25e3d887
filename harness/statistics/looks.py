"""Looking at evidence several times while it grows, without claiming too much: alpha spending.

Each look may spend a share of alpha that depends on how much of the planned evidence is there; the levels are chosen so
that a claim at *any* look is wrong with probability alpha at most. Estimates at successive looks are taken as normal
with independent increments. Where cases come in any order from the same clusters, successive estimates are correlated
more strongly than the share of cases says, and the levels are then too strict, never too lax.

Source: Lan & DeMets (Biometrika 1983) for spending; Armitage, McPherson & Rowe (JRSS A 1969) and Jennison & Turnbull,
"Group Sequential Methods" (2000) section 19.2 for the recursive integration.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from scipy import optimize, special

_REACH = 9.0  # standard deviations beyond which nothing is left
_POINTS = 801  # of the grid of a look, odd for Simpson's rule


def _obrien_fleming(alpha: float, share: float) -> float:
    return float(2 * special.ndtr(special.ndtri(alpha / 2) / math.sqrt(share)))


def _pocock(alpha: float, share: float) -> float:
    return alpha * math.log1p((math.e - 1) * share)


SPENDING: Mapping[str, Callable[[float, float], float]] = {
    "obrien-fleming": _obrien_fleming,  # little early, nearly all at the end
    "pocock": _pocock,  # about as much at every look
}


def nominal_levels(shares: Sequence[float], alpha: float, spending: str = "obrien-fleming") -> tuple[float, ...]:
    """The one-sided level of each look.

    Args:
        shares: of the planned evidence, ascending in (0, 1]; the last is 1 where the plan is carried out.
        alpha: one-sided, of the whole.
        spending: a key of ``SPENDING``.
    """
    return _levels(tuple(shares), alpha, spending)


@lru_cache(maxsize=64)
def _levels(shares: tuple[float, ...], alpha: float, spending: str) -> tuple[float, ...]:
    spend = SPENDING[spending]
    found: list[float] = []
    spent, before = 0.0, 0.0
    grid, density = (
        np.zeros(1),
        np.ones(1),
    )  # of the score (Brownian motion at time ``before``) that has not claimed yet
    for share in shares:
        budget = spend(alpha, share) - spent
        step = math.sqrt(share - before)
        terms = (grid, density, step, math.sqrt(share), budget)
        if _excess(_REACH, *terms) >= 0:  # the budget of a very early look is beyond all reach: it is kept for later
            bound, level = _REACH, 0.0
        else:
            bound = optimize.brentq(_excess, -_REACH, _REACH, args=terms)
            level, spent = float(special.ndtr(-bound)), spent + budget
        found.append(level)
        before = share
        grid, density = _carried(grid, density, step, bound * math.sqrt(share), _REACH * math.sqrt(share))
    return tuple(found)


def _excess(bound: float, grid: np.ndarray, density: np.ndarray, step: float, scale: float, budget: float) -> float:
    """How much more than ``budget`` claims first at this look with the bound (in standard deviations)."""
    beyond = special.ndtr((grid - bound * scale) / step)
    return float(_integrate(density * beyond, grid)) - budget


def _carried(
    grid: np.ndarray, density: np.ndarray, step: float, bound: float, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """The density of the score at the next look, of those that have not claimed there either."""
    following = np.linspace(-reach, bound, _POINTS)
    kernel = np.exp(-0.5 * ((following[:, None] - grid[None, :]) / step) ** 2) / (step * math.sqrt(2 * math.pi))
    return following, _integrate(kernel * density, grid)


def _integrate(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Simpson's rule along the last axis; a grid of one point is a mass of 1 there."""
    if len(grid) == 1:
        return np.asarray(values[..., 0])
    weights = np.full(len(grid), 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    return np.asarray(values @ weights * (grid[1] - grid[0]) / 3)

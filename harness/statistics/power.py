"""How small a difference the evidence can tell from none."""

from __future__ import annotations

from scipy import special


def minimal_detectable(error: float, clusters: int, alpha: float, power: float) -> float:
    """The smallest margin at which an equal candidate passes with probability ``power``.

    Equally, the smallest true worsening that is found with that probability.

    Args:
        error: standard error of the difference.
        clusters: independent units.
        alpha: one-sided.
        power: in (0, 1), e.g. 0.8.
    """
    freedom = clusters - 1
    return float((special.stdtrit(freedom, 1 - alpha) + special.stdtrit(freedom, power)) * error)

"""Adjusted p-values of many comparisons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Step-down adjusted p-values: the chance of any false claim stays below alpha.

    Source: Holm (Scandinavian Journal of Statistics 1979).
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    raised = np.maximum.accumulate(np.asarray(p_values, dtype=np.float64)[order] * (n - np.arange(n)))
    return _restore(np.minimum(raised, 1.0), order)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Step-up adjusted p-values: the expected share of false ones among the claims stays below alpha.

    Source: Benjamini & Hochberg (Journal of the Royal Statistical Society B 1995).
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = np.asarray(p_values, dtype=np.float64)[order] * (n / (np.arange(n) + 1))
    return _restore(np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0), order)


def _restore(values: np.ndarray, order: np.ndarray) -> tuple[float, ...]:
    restored = np.empty_like(values)
    restored[order] = values
    return tuple(float(v) for v in restored)

"""Posteriors and risks of a lattice, compiled by numba; see the package for the contract."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner

I32 = NDArray[np.int32]
Floats = NDArray[np.float64]
_SPURIOUS = 1.0 + 1e-5  # a word against none: a little dearer, so that ties fall to fewer words, as in the paper


@compiled
def arc_posteriors(source: I32, target: I32, score: Floats, nodes: int) -> Floats:
    """(A,) share of all paths' weights that belongs to paths over each arc.

    Args:
        source, target: (A,) in order of target.
        score: (A,) scaled log weights.
    """
    forward, backward = _forward(source, target, score, nodes), np.full(nodes, -np.inf)
    backward[nodes - 1] = 0.0
    posterior = np.empty(len(source))
    for arc in range(len(source) - 1, -1, -1):
        after = score[arc] + backward[target[arc]]
        backward[source[arc]] = _logsum(backward[source[arc]], after)
        posterior[arc] = np.exp(forward[source[arc]] + after - forward[nodes - 1])
    return posterior


@compiled
def arc_losses(source: I32, target: I32, score: Floats, nodes: int) -> Floats:
    """(A,) how much worse than the best path the best path over each arc is; infinite where none leads on.

    Args:
        source, target: (A,) in order of target.
        score: (A,) log weights.
    """
    forward, backward = np.full(nodes, -np.inf), np.full(nodes, -np.inf)
    forward[0] = backward[nodes - 1] = 0.0
    for arc in range(len(source)):
        forward[target[arc]] = max(forward[target[arc]], forward[source[arc]] + score[arc])
    loss = np.empty(len(source))
    for arc in range(len(source) - 1, -1, -1):
        after = score[arc] + backward[target[arc]]
        backward[source[arc]] = max(backward[source[arc]], after)
        through = forward[source[arc]] + after
        loss[arc] = forward[nodes - 1] - through if through > -np.inf else np.inf
    return loss


@compiled
def place_counts(
    source: I32, target: I32, label: I32, score: Floats, nodes: int, hypothesis: I32, labels: int
) -> tuple[float, Floats]:
    """Align all paths with a hypothesis, by the least expected edit distance.

    Args:
        source, target, label: (A,) in order of target; labels from 0 (no word) to ``labels`` - 1.
        score: (A,) scaled log weights.
        hypothesis: (Q,) labels, 0 allowed.

    Returns:
        An upper bound of the risk, hardly above it, and (Q, labels) how probable each label is at each place.

    Source: Xu, Povey, Mangu and Zhu, "Minimum Bayes risk decoding and system combination based on a recursion for
    edit distance" (2011), figures 4 and 5.
    """
    places = len(hypothesis)
    forward = _forward(source, target, score, nodes)
    distance = np.zeros((nodes, places + 1))
    for place in range(places):
        distance[0, place + 1] = distance[0, place] + (hypothesis[place] != 0)
    arc_distance, choice = np.empty(places + 1), np.zeros(places + 1, np.int8)
    for arc in range(len(source)):
        _align(distance[source[arc]], label[arc], hypothesis, arc_distance, choice)
        share = np.exp(forward[source[arc]] + score[arc] - forward[target[arc]])
        for place in range(places + 1):
            distance[target[arc], place] += share * arc_distance[place]
    weight = np.zeros((nodes, places + 1))
    weight[nodes - 1, places] = 1.0
    counts, arc_weight = np.zeros((places, labels)), np.empty(places + 1)
    for arc in range(len(source) - 1, -1, -1):
        before, at = source[arc], target[arc]
        _align(distance[before], label[arc], hypothesis, arc_distance, choice)
        share = np.exp(forward[before] + score[arc] - forward[at])
        arc_weight[:] = share * weight[at]
        for place in range(places, 0, -1):
            passed = arc_weight[place]
            if choice[place] == 0:
                weight[before, place - 1] += passed
                counts[place - 1, label[arc]] += passed
            elif choice[place] == 1:
                weight[before, place] += passed
            else:
                arc_weight[place - 1] += passed
                counts[place - 1, 0] += passed
        weight[before, 0] += arc_weight[0]
    for place in range(places, 0, -1):
        counts[place - 1, 0] += weight[0, place]
        weight[0, place - 1] += weight[0, place]
    return float(distance[nodes - 1, places]), counts


@inner
def _align(before: Floats, label: int, hypothesis: I32, distance: Floats, choice: NDArray[np.int8]) -> None:
    """Distances after an arc; choices: 0 the arc stands at the place, 1 at none, 2 the place stands at no arc."""
    distance[0] = before[0] + (_SPURIOUS if label else 0.0)
    for place in range(1, len(distance)):
        wanted = hypothesis[place - 1]
        stands = before[place - 1] + (label != wanted)
        spurious = before[place] + (_SPURIOUS if label else 0.0)
        missing = distance[place - 1] + (wanted != 0)
        if stands <= spurious and stands <= missing:
            distance[place], choice[place] = stands, 0
        elif spurious <= missing:
            distance[place], choice[place] = spurious, 1
        else:
            distance[place], choice[place] = missing, 2


@inner
def _forward(source: I32, target: I32, score: Floats, nodes: int) -> Floats:
    forward = np.full(nodes, -np.inf)
    forward[0] = 0.0
    for arc in range(len(source)):
        forward[target[arc]] = _logsum(forward[target[arc]], forward[source[arc]] + score[arc])
    return forward


@inner
def _logsum(one: float, other: float) -> float:
    if one < other:
        one, other = other, one
    return one if other == -np.inf else float(one + np.log1p(np.exp(other - one)))

"""Alignment at sclite's costs, with whatever alternatives and optional words either side has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from harness.errors import EvidenceError
from harness.measures.counts import WordErrors
from harness.measures.words.alignment import Step
from harness.measures.words.alternatives import Arc, Lattice
from kernels.edit_distance import network

_FINE = 1000  # costs are held in thousandths, as choosing ``@`` costs one
_MOST_CELLS = 4_000_000_000  # pairs of nodes: half a minute and more
_BAND_CELLS = 16_000_000  # whose moves are kept at a time, two bytes each
_FEW_CELLS = 200_000  # in all, for which loading the compiled kernel does not pay


@dataclass(frozen=True, slots=True)
class Costs:
    """What an alignment minimises; counting is apart from it. The defaults are sclite's."""

    substitution: int = 4
    deletion: int = 3
    insertion: int = 3
    optional: int = 2  # not hearing an optional word


SCLITE = Costs()


@dataclass(frozen=True, slots=True)
class LatticeAlignment:
    """The wording that the hypothesis came nearest to, and how it differs from it."""

    reference: tuple[str, ...]
    hypothesis: tuple[str, ...]
    steps: tuple[Step, ...]  # as ``align`` gives them; "optional" where an optional word was not heard, or was added
    errors: WordErrors


def align_lattice(
    reference: Lattice | Sequence[str], hypothesis: Lattice | Sequence[str], costs: Costs = SCLITE
) -> LatticeAlignment:
    """The cheapest alignment of any wording of the reference with any wording of the hypothesis.

    An optional word that was not heard counts as correct (sclite -D); a null word ``@`` counts nowhere. Of equally
    cheap alignments a substitution wins over an insertion, and an insertion over a deletion.

    Args:
        reference: a lattice, or plain words.
        hypothesis: likewise.
        costs: what to minimise.

    Raises:
        EvidenceError: both sides are too long to be aligned in memory.

    Source: SCTK, doc/sclite.htm and doc/infmts.htm; optional words as doc/asclite.pod, option -D.
    """
    return align_lattices([reference], [hypothesis], costs)[0]


def align_lattices(
    references: Sequence[Lattice | Sequence[str]], hypotheses: Sequence[Lattice | Sequence[str]], costs: Costs = SCLITE
) -> list[LatticeAlignment]:
    """``align_lattice`` of many pairs, compiled where that pays."""
    pairs = [(_lattice(r), _lattice(h)) for r, h in zip(references, hypotheses, strict=True)]
    cells = [r.nodes * h.nodes for r, h in pairs]
    if max(cells, default=0) > _MOST_CELLS:
        words = f"{max(r.nodes for r, _ in pairs)} words against {max(h.nodes for _, h in pairs)}"
        raise EvidenceError("alignment", f"{words} is too long for alternatives or weights: cut it into segments")
    means = _plain() if sum(cells) <= _FEW_CELLS else _compiled()
    return [_aligned(r, h, costs, means) for r, h in pairs]


def _lattice(side: Lattice | Sequence[str]) -> Lattice:
    return side if isinstance(side, Lattice) else Lattice.of(side)


class _Means(NamedTuple):
    """What an alignment is computed with: plain functions over lists, or compiled ones over arrays."""

    hold: Callable[[Sequence[int]], Any]
    room: Callable[[int, str], Any]  # so many numbers of a kind
    fill: Callable[..., int]
    trace: Callable[..., None]


def _plain() -> _Means:
    return _Means(list, lambda length, _: [0] * length, network.fill_network, network.trace_network)


def _compiled() -> _Means:
    from kernels.edit_distance import fast

    return _Means(partial(np.array, dtype=np.int32), np.zeros, fast.fill_network, fast.trace_network)


def _aligned(
    reference: Lattice,
    hypothesis: Lattice,
    costs: Costs,
    means: _Means,
) -> LatticeAlignment:
    hold, room, fill, trace = means
    numbers: dict[str, int] = {}
    left = [hold(part) for part in _network(reference, numbers, costs.deletion, costs.optional)]
    right = [hold(part) for part in _network(hypothesis, numbers, costs.insertion, costs.optional)]
    rows = 1 + max((arc.target - arc.source for arc in reference.arcs), default=0)
    step = max(_BAND_CELLS // hypothesis.nodes, 8 * rows)  # as every band keeps so many rows
    bands = [(first, min(first + step, reference.nodes)) for first in range(0, reference.nodes, step)]
    best = room(rows * hypothesis.nodes, "i4")
    back = room(min(step, reference.nodes) * hypothesis.nodes, "u2")
    kept = []
    for first, end in bands:
        kept.append(best.copy())
        fill(*left, *right, costs.substitution * _FINE, rows, first, end, best, back)
    place = hold([reference.nodes - 1, hypothesis.nodes - 1, 0])
    arcs, facing = (room(reference.nodes + hypothesis.nodes, "i4") for _ in range(2))
    for (first, end), before in zip(reversed(bands), reversed(kept), strict=True):
        if end < reference.nodes:
            fill(*left, *right, costs.substitution * _FINE, rows, first, end, before, back)
        trace(left[0], left[1], right[0], right[1], first, back, place, arcs, facing)
    return _read(reference, hypothesis, list(arcs[: place[2]])[::-1], list(facing[: place[2]])[::-1])


def _network(lattice: Lattice, numbers: dict[str, int], cost: int, optional: int) -> tuple[list[int], ...]:
    """The lattice as kernels.edit_distance.network wants it: begin, source, token, skip."""
    begin = [0] * (lattice.nodes + 1)
    for arc in lattice.arcs:
        begin[arc.target + 1] += 1
    for node in range(lattice.nodes):
        begin[node + 1] += begin[node]
    source = [arc.source for arc in lattice.arcs]
    token = [-1 if arc.word is None else numbers.setdefault(arc.word, len(numbers)) for arc in lattice.arcs]
    return begin, source, token, [_skip(arc, cost, optional) for arc in lattice.arcs]


def _skip(arc: Arc, cost: int, optional: int) -> int:
    if arc.word is None:
        return 0 if arc.join else 1
    return (optional if arc.optional else cost) * _FINE


def _read(reference: Lattice, hypothesis: Lattice, arcs: Sequence[int], facing: Sequence[int]) -> LatticeAlignment:
    said: list[str] = []
    heard: list[str] = []
    steps: list[Step] = []
    for left, right in zip(arcs, facing, strict=True):
        a = reference.arcs[left] if left >= 0 else None
        b = hypothesis.arcs[right] if right >= 0 else None
        before, after = None if a is None else a.word, None if b is None else b.word
        if before is None and after is None:
            continue
        optional = (a is not None and b is None and a.optional) or (b is not None and a is None and b.optional)
        kind = "optional" if optional else _kind(before, after)
        steps.append(Step(kind, None if before is None else len(said), None if after is None else len(heard)))
        said += [] if before is None else [before]
        heard += [] if after is None else [after]
    kinds = [step.kind for step in steps]
    errors = WordErrors(kinds.count("substitute"), kinds.count("delete"), kinds.count("insert"), len(said))
    return LatticeAlignment(tuple(said), tuple(heard), tuple(steps), errors)


def _kind(before: str | None, after: str | None) -> str:
    if before is None or after is None:
        return "insert" if before is None else "delete"
    return "equal" if before == after else "substitute"

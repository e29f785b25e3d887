"""Where every buffer of a tape lies: lives that never meet share bytes.

Buffers are placed one after the other, each into the smallest gap that holds it between those that it meets. The
order decides: by size is best on most networks, others on some, so all are tried, and the lowest peak is kept.

Source: Pisarchyk & Lee, "Efficient Memory Management for Deep Neural Net Inference" (arXiv 2001.03288): greedy by
size and greedy by breadth for offsets. "In order of time" is what a best-fit allocator at run time would do.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType

from kernels.memory.tape import Spec, lower_bound

Placed = list[tuple[int, int, Spec]]  # offset, end, buffer; ascending
Order = Callable[[Sequence[Spec]], list[Spec]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the buffers of a tape lie in an arena.

    Attributes:
        offsets: in bytes from the arena's begin, by buffer.
        peak: bytes of the arena.
        lower_bound: bytes that no plan can do without.
        order: the name of the order that gave it.
    """

    offsets: Mapping[str, int]
    peak: int
    lower_bound: int
    order: str


def plan(specs: Iterable[Spec]) -> Plan:
    """Lay a tape out.

    Args:
        specs: its buffers, in any order; the plan depends on what they are only.

    Raises:
        ValueError: two have one name.
    """
    known = sorted(specs, key=lambda spec: (spec.first, spec.name))
    names = {spec.name for spec in known}
    if len(names) != len(known):
        twice = sorted(name for name in names if sum(spec.name == name for spec in known) > 1)
        raise ValueError(f"buffers share a name: {', '.join(twice[:5])}; name each buffer of a tape once")
    bound = lower_bound(known)
    best: Plan | None = None
    for name, order in ORDERS.items():
        offsets, peak = _place(order(known))
        if best is None or peak < best.peak:
            best = Plan(MappingProxyType(offsets), peak, bound, name)
        if peak == bound:
            break
    assert best is not None
    return best


def _place(specs: Sequence[Spec]) -> tuple[dict[str, int], int]:
    placed: Placed = []
    for spec in specs:
        offset = _best_gap(spec, placed)
        insort(placed, (offset, offset + spec.room, spec), key=itemgetter(0, 1))
    return {spec.name: offset for offset, _, spec in placed}, max((end for _, end, _ in placed), default=0)


def _best_gap(spec: Spec, placed: Placed) -> int:
    """The begin of the smallest gap that holds it between the placed buffers that it meets, else behind them all."""
    best, smallest, low = -1, -1, 0
    for offset, end, other in placed:
        if not spec.meets(other):
            continue
        start = _aligned(low, spec.align)
        if start + spec.room <= offset and (best < 0 or offset - low < smallest):
            best, smallest = start, offset - low
        low = max(low, end)
    return best if best >= 0 else _aligned(low, spec.align)


def _aligned(offset: int, align: int) -> int:
    return -(-offset // align) * align


def _by_size(specs: Sequence[Spec]) -> list[Spec]:
    return sorted(specs, key=lambda spec: -spec.room)


def _by_breadth(specs: Sequence[Spec]) -> list[Spec]:
    """The buffers of the op that has most bytes alive first, the largest of them first."""
    alive = {op: sum(one.room for one in specs if one.first <= op <= one.last) for op in {s.first for s in specs}}
    breadth = {spec.name: max(size for op, size in alive.items() if spec.first <= op <= spec.last) for spec in specs}
    return sorted(specs, key=lambda spec: (-breadth[spec.name], -spec.room))


def _by_area(specs: Sequence[Spec]) -> list[Spec]:
    return sorted(specs, key=lambda spec: -spec.room * (spec.last - spec.first + 1))


def _by_life(specs: Sequence[Spec]) -> list[Spec]:
    return sorted(specs, key=lambda spec: (spec.first - spec.last, -spec.room))


def _in_time(specs: Sequence[Spec]) -> list[Spec]:
    return sorted(specs, key=lambda spec: (spec.first, -spec.room))


ORDERS: Mapping[str, Order] = MappingProxyType(
    {"size": _by_size, "breadth": _by_breadth, "area": _by_area, "life": _by_life, "time": _in_time}
)

"""Plain and compiled network alignment do the same, and cost what the cheapest pair of paths costs."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kernels.edit_distance import fast, network

Network = tuple[list[int], list[int], list[int], list[int]]  # begin, source, token, skip


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Up to six nodes, each with one to three ways in from anywhere below."""
    begin, source, token, skip = [0, 0], [], [], []
    for node in range(1, draw(st.integers(1, 6))):
        for _ in range(draw(st.integers(1, 3))):
            source.append(draw(st.integers(0, node - 1)))
            token.append(draw(st.integers(-1, 3)))
            skip.append(draw(st.integers(0, 5)))
        begin.append(len(source))
    return begin, source, token, skip


def paths(net: Network) -> list[list[int]]:
    """The arcs of every path from the first node to the last."""
    begin, source, _, _ = net
    ways: list[list[list[int]]] = [[[]]]
    for node in range(1, len(begin) - 1):
        arcs = range(begin[node], begin[node + 1])
        ways.append([[*way, arc] for arc in arcs for way in ways[source[arc]]])
    return ways[-1]


def price(a: Network, b: Network, left: list[int], right: list[int]) -> int:
    row = [0]
    for facing in right:
        row.append(row[-1] + b[3][facing])
    for arc in left:
        before, row = row, [row[0] + a[3][arc]]
        for j, facing in enumerate(right):
            cost = min(before[j + 1] + a[3][arc], row[j] + b[3][facing])
            if a[2][arc] >= 0 and b[2][facing] >= 0:
                cost = min(cost, before[j] + 4 * (a[2][arc] != b[2][facing]))
            row.append(cost)
    return row[-1]


def aligned(a: Network, b: Network, compile: bool, band: int = 99) -> tuple[int, list[int], list[int]]:
    """The cost, and the arcs of both sides in order."""
    nodes, others = len(a[0]) - 1, len(b[0]) - 1
    best, back, arcs, facing = (
        [0] * nodes * others,
        [0] * nodes * others,
        [0] * (nodes + others),
        [0] * (nodes + others),
    )
    place = [nodes - 1, others - 1, 0]
    held = (*a, *b, best, back, place, arcs, facing)
    if compile:
        held = tuple(np.array(part, np.uint16 if part is back else np.int32) for part in held)
    x, y, (best, back, place, arcs, facing) = held[:4], held[4:8], held[8:]
    fill, trace = (getattr(fast if compile else network, f"{name}_network") for name in ("fill", "trace"))
    bands = [(first, min(first + band, nodes)) for first in range(0, nodes, band)]
    kept = []
    for first, end in bands:
        kept.append(best.copy())
        cost = fill(*x, *y, 4, nodes, first, end, best, back)
    for (first, end), before in zip(bands[::-1], kept[::-1], strict=True):
        fill(*x, *y, 4, nodes, first, end, before, back)
        trace(x[0], x[1], y[0], y[1], first, back, place, arcs, facing)
    steps = int(place[2])
    return cost, [int(arc) for arc in arcs[:steps]][::-1], [int(arc) for arc in facing[:steps]][::-1]


@settings(max_examples=80, deadline=None)
@given(networks(), networks())
@example(([0, 0, 1], [0], [1], [0]), ([0, 0, 2], [0, 0], [0, 1], [1, 1]))  # alternatives at the very end
def test_the_cheapest_pair_of_paths(a: Network, b: Network) -> None:
    cost, arcs, facing = aligned(a, b, compile=False)
    left, right = [arc for arc in arcs if arc >= 0], [arc for arc in facing if arc >= 0]
    assert left in paths(a)
    assert right in paths(b)
    pairs = list(product(paths(a), paths(b)))
    assert cost == min(price(a, b, *pair) for pair in pairs[:2_000]) or len(pairs) > 2_000
    assert cost == price(a, b, left, right)


@settings(max_examples=60, deadline=None)
@given(networks(), networks())
def test_compiled_equals_plain(a: Network, b: Network) -> None:
    assert aligned(a, b, compile=True) == aligned(a, b, compile=False)


@settings(max_examples=60, deadline=None)
@given(networks(), networks(), st.integers(1, 5))
def test_bands_change_nothing(a: Network, b: Network, band: int) -> None:
    assert aligned(a, b, compile=False, band=band) == aligned(a, b, compile=False)

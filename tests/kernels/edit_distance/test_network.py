"""Plain and compiled network alignment do the same, and cost what the cheapest pair of paths costs."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
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


def aligned(a: Network, b: Network, compile: bool) -> tuple[int, list[int], list[int]]:
    """The cost, and the arcs of both sides in order."""
    nodes, others = len(a[0]) - 1, len(b[0]) - 1
    sizes = nodes * others, nodes * others, nodes + others, nodes + others
    if compile:
        best, arcs, facing = (np.zeros(size, np.int32) for size in (sizes[0], *sizes[2:]))
        back = np.zeros(sizes[1], np.uint16)
        x, y = ([np.array(part, np.int32) for part in net] for net in (a, b))
        cost = fast.fill_network(*x, *y, 4, nodes, best, back)
        count = fast.trace_network(x[0], x[1], y[0], y[1], back, arcs, facing)
        return cost, arcs[:count][::-1].tolist(), facing[:count][::-1].tolist()
    room, moves, taken, met = ([0] * size for size in sizes)
    cost = network.fill_network(*a, *b, 4, nodes, room, moves)
    count = network.trace_network(a[0], a[1], b[0], b[1], moves, taken, met)
    return cost, taken[:count][::-1], met[:count][::-1]


@settings(max_examples=150, deadline=None)
@given(networks(), networks())
def test_the_cheapest_pair_of_paths(a: Network, b: Network) -> None:
    cost, arcs, facing = aligned(a, b, compile=False)
    left, right = [arc for arc in arcs if arc >= 0], [arc for arc in facing if arc >= 0]
    assert left in paths(a)
    assert right in paths(b)
    pairs = list(product(paths(a), paths(b)))
    assert cost == min(price(a, b, *pair) for pair in pairs[:2_000]) or len(pairs) > 2_000
    assert cost == price(a, b, left, right)


@settings(max_examples=100, deadline=None)
@given(networks(), networks())
def test_compiled_equals_plain(a: Network, b: Network) -> None:
    assert aligned(a, b, compile=True) == aligned(a, b, compile=False)

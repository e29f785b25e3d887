"""Align two word networks at least cost: alternatives and optional words on either side, costs as given.

Contract. A network has nodes 0 to N - 1, begins at 0, ends at N - 1, and every arc leads from a lower to a higher node.
Arcs are sorted by the node they lead to:

    begin   (N + 1,) arcs into node n are begin[n] to begin[n + 1] - 1, fewer than 256
    source  (A,) where an arc comes from
    token   (A,) its word, equal tokens are equal words; -1 where it has none
    skip    (A,) what it costs where the other side has no word for it

A path through both networks pairs arcs with words (free where tokens are equal, else at the price of a substitution) or
skips single arcs. Of equally cheap moves into a pair of nodes the first is kept: both sides advance, then only the
hypothesis, then only the reference; on each side the arcs in order.

Plain Python over flat sequences: lists serve here, arrays where ``fast`` compiles the same functions.

Source: the network alignment that sclite describes (SCTK, doc/sclite.htm, "Dynamic Programming string alignment").
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

_NEVER = 1 << 30

Numbers = Sequence[int]
Room = MutableSequence[int]


def fill_network(
    begin: Numbers,
    source: Numbers,
    token: Numbers,
    skip: Numbers,
    other_begin: Numbers,
    other_source: Numbers,
    other_token: Numbers,
    other_skip: Numbers,
    substitution: int,
    rows: int,
    best: Room,
    back: Room,
) -> int:
    """Find the cheapest way into every pair of nodes.

    Args:
        begin, source, token, skip: the reference's network, N nodes.
        other_begin, other_source, other_token, other_skip: the hypothesis's, M nodes.
        substitution: cost of pairing different words.
        rows: reference nodes whose costs are kept: one more than the longest arc spans.
        best: (rows * M,) scratch.
        back: (N * M,) out: the last move, 256 times the reference arc's place in its node + 1, plus the hypothesis
            arc's; 0 for a side that stays.

    Returns:
        The cost of the cheapest path.
    """
    width = len(other_begin) - 1
    cheapest = 0
    for node in range(len(begin) - 1):
        here = (node % rows) * width
        for other in range(width):
            cheapest, move = 0 if node + other == 0 else _NEVER, 0
            for arc in range(begin[node], begin[node + 1]):
                above = (source[arc] % rows) * width
                for facing in range(other_begin[other], other_begin[other + 1]):
                    if token[arc] >= 0 and other_token[facing] >= 0:
                        same = token[arc] == other_token[facing]
                        cost = best[above + other_source[facing]] + (0 if same else substitution)
                        if cost < cheapest:
                            cheapest = cost
                            move = (arc - begin[node] + 1) * 256 + facing - other_begin[other] + 1
            for facing in range(other_begin[other], other_begin[other + 1]):
                cost = best[here + other_source[facing]] + other_skip[facing]
                if cost < cheapest:
                    cheapest, move = cost, facing - other_begin[other] + 1
            for arc in range(begin[node], begin[node + 1]):
                cost = best[(source[arc] % rows) * width + other] + skip[arc]
                if cost < cheapest:
                    cheapest, move = cost, (arc - begin[node] + 1) * 256
            best[here + other] = cheapest
            back[node * width + other] = move
    return cheapest


def trace_network(
    begin: Numbers,
    source: Numbers,
    other_begin: Numbers,
    other_source: Numbers,
    back: Numbers,
    arcs: Room,
    other_arcs: Room,
) -> int:
    """Follow the moves back from the end.

    Args:
        begin, source, other_begin, other_source: the networks.
        back: from ``fill_network``.
        arcs: (N + M,) out: the reference's arc of each step, last step first; -1 where it stays.
        other_arcs: (N + M,) out: likewise the hypothesis's.

    Returns:
        How many steps there are.
    """
    width = len(other_begin) - 1
    node, other, steps = len(begin) - 2, width - 1, 0
    while node > 0 or other > 0:
        move = back[node * width + other]
        arcs[steps] = other_arcs[steps] = -1
        ranks = move // 256, move % 256
        if ranks[0]:
            arc = begin[node] + ranks[0] - 1
            arcs[steps], node = arc, source[arc]
        if ranks[1]:
            facing = other_begin[other] + ranks[1] - 1
            other_arcs[steps], other = facing, other_source[facing]
        steps += 1
    return steps

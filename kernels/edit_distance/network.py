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

A table of all pairs of nodes can be too large to keep, so it is filled in bands of reference nodes: keep ``best`` as it
was before each band, fill forwards, then fill the bands again from the last to the first and trace each.

Plain Python over flat sequences: lists serve here, arrays where ``fast`` compiles the same functions.

Source: the network alignment that sclite describes (SCTK, doc/sclite.htm, "Dynamic Programming string alignment").
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

_NEVER = 1 << 40

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
    first: int,
    end: int,
    best: Room,
    back: Room,
) -> int:
    """Find the cheapest way into every pair of nodes of a band.

    Args:
        begin, source, token, skip: the reference's network.
        other_begin, other_source, other_token, other_skip: the hypothesis's, M nodes.
        substitution: cost of pairing different words.
        rows: reference nodes whose costs are kept: one more than the longest arc spans.
        first, end: the band: reference nodes first to end - 1.
        best: (rows * M,) costs of the nodes before the band, in a ring; out: of its last nodes.
        back: ((end - first) * M,) out: the last move, 256 times the reference arc's place in its node + 1, plus the
            hypothesis arc's; 0 for a side that stays.

    Returns:
        The cost of the cheapest path to the band's last pair of nodes.
    """
    width = len(other_begin) - 1
    cheapest = 0
    chain = other_begin[width] == width - 1  # the hypothesis has one path
    for other in range(1, width):
        chain = chain and other_begin[other] == other - 1 and other_source[other - 1] == other - 1
    for node in range(first, end):
        here = (node % rows) * width
        if chain and begin[node + 1] - begin[node] == 1:  # the same as below, several times as fast
            word, cut, above = token[begin[node]], skip[begin[node]], (source[begin[node]] % rows) * width
            wrong = substitution if word >= 0 else _NEVER
            cheapest = best[above] + cut
            best[here], back[(node - first) * width] = cheapest, 256
            for other in range(1, width):
                added = cheapest + other_skip[other - 1]
                cheapest, move = best[above + other - 1], 257
                if word != other_token[other - 1] or word < 0:
                    cheapest += wrong if other_token[other - 1] >= 0 else _NEVER
                if added < cheapest:
                    cheapest, move = added, 1
                if best[above + other] + cut < cheapest:
                    cheapest, move = best[above + other] + cut, 256
                best[here + other] = cheapest
                back[(node - first) * width + other] = move
            continue
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
            back[(node - first) * width + other] = move
    return cheapest


def trace_network(
    begin: Numbers,
    source: Numbers,
    other_begin: Numbers,
    other_source: Numbers,
    first: int,
    back: Numbers,
    place: Room,
    arcs: Room,
    other_arcs: Room,
) -> None:
    """Follow the moves back until they leave the band, or reach the start of both networks.

    Args:
        begin, source, other_begin, other_source: the networks.
        first: the band's first reference node.
        back: its moves, from ``fill_network``.
        place: (3,) in and out: the node of each side, and how many steps are written.
        arcs: (N + M,) out: the reference's arc of each step, last step first; -1 where it stays.
        other_arcs: (N + M,) out: likewise the hypothesis's.
    """
    width = len(other_begin) - 1
    node, other, steps = place[0], place[1], place[2]
    while node >= first and node + other > 0:
        move = back[(node - first) * width + other]
        arcs[steps] = other_arcs[steps] = -1
        rank, other_rank = move // 256, move % 256
        if rank:
            arc = begin[node] + rank - 1
            arcs[steps], node = arc, source[arc]
        if other_rank:
            facing = other_begin[other] + other_rank - 1
            other_arcs[steps], other = facing, other_source[facing]
        steps += 1
    place[0], place[1], place[2] = node, other, steps

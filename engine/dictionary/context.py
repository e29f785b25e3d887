"""Where a phrase leads in the shared graph, and what it costs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.lexicon import Pronunciation
from kernels.token_passing import Graph

Costs = dict[int, float]  # of the best path to a state, nats
_Paths = dict[tuple[int, bool], float]  # by state, and whether the word has been said


def hub_of(graph: Graph) -> int:
    """The state that every history backs off to: where any word may follow."""
    state = 0
    while True:
        arcs = range(graph.offsets[state], graph.offsets[state + 1])
        silent = [int(graph.dest[arc]) for arc in arcs if graph.phone[arc] == 0 and graph.word[arc] == 0]
        if not silent:
            return state
        state = silent[0]


def after_word(graph: Graph, begin: Mapping[int, float], phones: Pronunciation, word: int) -> Costs:
    """The states where a word may have been said completely, with the costs of getting there.

    Args:
        begin: states before it, with their costs.
        word: its number in the graph's lexicon.
    """
    paths: _Paths = {(state, False): cost for state, cost in begin.items()}
    for phone in phones:
        paths = _entered(graph, _closed(graph, paths, word), phone, word)
    ends: Costs = {}
    for (state, said), cost in _closed(graph, paths, word).items():
        if said:
            ends[state] = min(cost, ends.get(state, cost))
    return ends


def after_words(graph: Graph, hub: int, words: Sequence[tuple[Pronunciation, int]]) -> tuple[int, float] | None:
    """The state after a phrase that is said from the hub on, and its cost; None if the graph has no such path."""
    reached: Costs = {hub: 0.0}
    for phones, word in words:
        reached = after_word(graph, reached, phones, word)
        if not reached:
            return None
    state = min(reached, key=lambda one: (reached[one], one))
    return state, reached[state]


def _closed(graph: Graph, paths: _Paths, word: int) -> _Paths:
    """Paths and what epsilon arcs make of them."""
    closed = dict(paths)
    waiting = list(paths)
    for position in waiting:  # grows while it is walked
        state, said = position
        begin, end = int(graph.offsets[state]), int(graph.offsets[state + 1])
        if begin == end or graph.phone[begin]:
            continue  # epsilon arcs come first
        for arc in range(begin, end):
            if graph.phone[arc]:
                break
            there = _position(graph, arc, word, said=said)
            cost = closed[position] + float(graph.cost[arc])
            if there is not None and cost < closed.get(there, float("inf")):
                closed[there] = cost
                waiting.append(there)
    return closed


def _entered(graph: Graph, paths: _Paths, phone: int, word: int) -> _Paths:
    """Paths that take an arc of a phone."""
    following: _Paths = {}
    for (state, said), before in paths.items():
        begin, end = int(graph.offsets[state]), int(graph.offsets[state + 1])
        phones = graph.phone[begin:end]
        for arc in range(begin + int(phones.searchsorted(phone)), begin + int(phones.searchsorted(phone, "right"))):
            there = _position(graph, arc, word, said=said)
            cost = before + float(graph.cost[arc])
            if there is not None and cost < following.get(there, float("inf")):
                following[there] = cost
    return following


def _position(graph: Graph, arc: int, word: int, *, said: bool) -> tuple[int, bool] | None:
    """Where an arc leads; None if it says another word, or the word again."""
    spoken = int(graph.word[arc])
    if spoken and (said or spoken != word):
        return None
    return int(graph.dest[arc]), said or bool(spoken)

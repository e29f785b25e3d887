"""Records and side links to word arcs: what the lattice of a search says, word by word.

The graph says a word somewhere between the word's first and last phone, so the lattice is walked together with a tree
of all pronunciations: a path is at a boundary when the word it said is a pronunciation of the phones it entered since
the boundary before. Two boundaries are joined by one arc a word, that of the best path between them.

Source: the word alignment of Kaldi's lattices (word-align-lattice-lexicon), done by a tree instead of a composition.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.compiled import compiled, inner
from kernels.token_passing import PHONE_BITS, Graph
from kernels.token_passing.memory import I32, RECORDS, ROOT, TOKENS, Channel, Structures

# Places in ``Spread.used``.
STATES, BOUNDARIES, ARCS = range(3)


class PhoneTree(NamedTuple):
    """All pronunciations from their first phones on: M nodes, node 0 the root; W words."""

    offsets: I32  # (M + 1,) children of a node: offsets[m] to offsets[m + 1]
    phone: NDArray[np.uint8]  # phone that leads to a child
    child: I32
    ends: I32  # (M + 1,) words that end at a node: ends[m] to ends[m + 1]
    word: I32
    longer: NDArray[np.bool_]  # (W,) a pronunciation of this word begins with another one of it


PLACE = np.dtype(
    [
        ("loss", np.float32),  # how much worse than the best path the best path over a record is
        ("ended", np.int32),  # best token whose newest record this is, or -1
        ("states", np.int32),  # end of a record's states; they begin where those of the record below end
        ("boundary", np.int32),  # the boundary after a record, or -1
    ]
)
STATE = np.dtype(
    [
        ("score", np.float64),  # since the boundary
        ("node", np.int32),  # in the tree
        ("said", np.int32),  # word of the phones since the boundary, or 0 while it is not said
        ("origin", np.int32),  # the boundary
        ("paid", np.float32),  # graph costs since the boundary
    ]
)
BOUNDARY = np.dtype(
    [
        ("place", np.int32),  # of the record that it lies after
        ("frame", np.int32),  # in which the first word after it begins
    ]
)
ARC = np.dtype(
    [
        ("source", np.int32),  # boundary
        ("target", np.int32),  # boundary
        ("word", np.int32),
        ("score", np.float32),
        ("paid", np.float32),  # graph costs, part of the score
    ]
)


class Spread(NamedTuple):
    """Working memory: P records (and the start, at place 0), S states, A arcs."""

    used: NDArray[np.int64]  # (3,) states, boundaries and arcs
    places: Structures  # (P + 1,) PLACE
    states: Structures  # (S,) STATE
    boundaries: Structures  # (P + 2,) BOUNDARY
    arcs: Structures  # (A,) ARC


def new_spread(records: int, states: int, arcs: int) -> Spread:
    """Allocate working memory for channels of at most so many records."""
    return Spread(
        np.zeros(3, np.int64), np.zeros(records + 1, PLACE), np.zeros(states, STATE),
        np.zeros(records + 2, BOUNDARY), np.zeros(arcs, ARC),
    )  # fmt: skip


@compiled
def spread_words(
    graph: Graph, channel: Channel, tree: PhoneTree, spread: Spread, lattice_beam: float, ending: bool
) -> bool:
    """Write the word arcs of all paths within the lattice beam of the best one; False when the memory is full.

    The last boundary is the end of all paths; a word that is not complete there is left out.

    Args:
        ending: paths must end a sentence, if any does.
    """
    used, root, records = spread.used, int(channel.counters[ROOT]), channel.records
    used[:] = 0
    _measure(graph, channel, spread.places, lattice_beam, ending)
    first = root + 1  # place of the root, or of the start
    for place in range(first):
        spread.places[place].states = 0
    spread.boundaries[0].place, spread.boundaries[0].frame = first, records[root].frame if root >= 0 else 0
    used[BOUNDARIES] = 1
    fits = _add_state(used, spread.states, 0, 0, 0, 0, 0.0, 0.0)
    spread.places[first].states = used[STATES]
    for place in range(first + 1, channel.counters[RECORDS] + 1):
        loss = spread.places[place].loss
        if loss < lattice_beam:
            begun, record, at = used[STATES], records[place - 1], records[place - 1].prev
            fits = fits and _take_link(
                tree, spread, begun, at + 1, record.phone, record.word, _weight(records, place - 1, at), record.paid,
                record.frame,
            )  # fmt: skip
            for number in range(records[place - 2].sides if place > 1 else 0, record.sides):
                side = channel.sides[number]
                if loss + side.loss < lattice_beam and side.source >= root:
                    score = _weight(records, place - 1, side.source) - side.loss
                    fits = fits and _take_link(
                        tree, spread, begun, side.source + 1, side.phone, side.word, score, side.paid, record.frame
                    )
        spread.places[place].states = used[STATES]
    return fits and _end(graph, channel, tree, spread, first, ending)


@inner
def _weight(records: Structures, record: int, before: int) -> float:
    """Score of the best path to a record since another one."""
    return float(records[record].alpha - (records[before].alpha if before >= 0 else 0.0))


@inner
def _measure(graph: Graph, channel: Channel, places: Structures, lattice_beam: float, ending: bool) -> None:
    """Fill in ``loss`` and ``ended``."""
    count, tokens, root = channel.counters[RECORDS], channel.tokens, channel.counters[ROOT]
    for place in range(count + 1):
        places[place].loss, places[place].ended, places[place].boundary = np.inf, -1, -1
    best = -np.inf
    for token in range(channel.counters[TOKENS]):
        best = max(best, _token_score(graph, tokens, token, ending))
    for token in range(channel.counters[TOKENS]):
        there = places[tokens[token].record + 1]
        loss = best - _token_score(graph, tokens, token, ending)
        if loss < there.loss:
            there.loss, there.ended = loss, token
    for place in range(count, root + 1, -1):
        loss = places[place].loss
        if loss >= lattice_beam:
            continue
        record = channel.records[place - 1]
        before = places[record.prev + 1]
        before.loss = min(before.loss, loss)
        for number in range(channel.records[place - 2].sides if place > 1 else 0, record.sides):
            side = channel.sides[number]
            before = places[side.source + 1]
            before.loss = min(before.loss, loss + side.loss)


@inner
def _token_score(graph: Graph, tokens: Structures, token: int, ending: bool) -> float:
    score = float(tokens[token].score)
    if ending:
        score -= float(graph.final[tokens[token].position >> PHONE_BITS])
    return score


@inner
def _take_link(
    tree: PhoneTree,
    spread: Spread,
    begun: int,
    before: int,
    phone: int,
    word: int,
    score: float,
    paid: float,
    frame: int,
) -> bool:
    """Take every state of the record before over a link."""
    used, states, places = spread.used, spread.states, spread.places
    for number in range(places[before - 1].states if before else 0, places[before].states):
        node, said, origin = int(states[number].node), int(states[number].said), int(states[number].origin)
        total, owed = states[number].score + score, float(states[number].paid) + paid
        if phone == 0 and word == 0:
            if not _add_state(used, states, begun, node, said, origin, total, owed):
                return False
            continue
        complete = said != 0 and _is_word(tree.ends, tree.word, node, said)
        if complete:
            boundary = _bound(tree, spread, before, frame)
            there = _child(tree.offsets, tree.phone, tree.child, 0, phone) if phone else 0
            if boundary < 0 or (there >= 0 and not _add_state(used, states, begun, there, word, boundary, score, paid)):
                return False
        if (said and word) or (complete and not tree.longer[said]):
            continue
        there = _child(tree.offsets, tree.phone, tree.child, node, phone) if phone else node
        if there >= 0 and not _add_state(used, states, begun, there, said + word, origin, total, owed):
            return False
    return True


@inner
def _add_state(
    used: NDArray[np.int64],
    states: Structures,
    begun: int,
    node: int,
    said: int,
    origin: int,
    score: float,
    paid: float,
) -> bool:
    """Add a state to those since ``begun``, or improve the equal one; False when the memory is full."""
    end = used[STATES]
    place = begun
    while place < end and not (
        states[place].node == node and states[place].said == said and states[place].origin == origin
    ):
        place += 1
    if place == len(states):
        return False
    if place == end or score > states[place].score:
        state = states[place]
        state.node, state.said, state.origin, state.score, state.paid = node, said, origin, score, paid
        used[STATES] = max(end, place + 1)
    return True


@inner
def _bound(tree: PhoneTree, spread: Spread, place: int, frame: int) -> int:
    """The boundary after a record, made with the arcs of all words that are complete there; -1 when full."""
    places, states = spread.places, spread.states
    if places[place].boundary >= 0:
        return int(places[place].boundary)
    boundary = int(spread.used[BOUNDARIES])
    spread.used[BOUNDARIES] = boundary + 1
    spread.boundaries[boundary].place, spread.boundaries[boundary].frame = place, frame
    places[place].boundary = boundary
    begun = int(spread.used[ARCS])
    for number in range(places[place - 1].states if place else 0, places[place].states):
        said, origin = int(states[number].said), int(states[number].origin)
        if said and _is_word(tree.ends, tree.word, int(states[number].node), said):
            score, paid = float(states[number].score), float(states[number].paid)
            if not _add_arc(spread.used, spread.arcs, begun, origin, boundary, said, score, paid):
                return -1
    return boundary


@inner
def _add_arc(
    used: NDArray[np.int64],
    arcs: Structures,
    begun: int,
    source: int,
    target: int,
    word: int,
    score: float,
    paid: float,
) -> bool:
    end = used[ARCS]
    place = begun
    while place < end and not (arcs[place].source == source and arcs[place].word == word):
        place += 1
    if place == len(arcs):
        return False
    if place == end or score > arcs[place].score:
        arc = arcs[place]
        arc.source, arc.target, arc.word, arc.score, arc.paid = source, target, word, score, paid
        used[ARCS] = max(end, place + 1)
    return True


@inner
def _end(graph: Graph, channel: Channel, tree: PhoneTree, spread: Spread, first: int, ending: bool) -> bool:
    """Add the last boundary, and arcs to it from every record that a path ends at."""
    boundary, begun = int(spread.used[BOUNDARIES]), int(spread.used[ARCS])
    spread.used[BOUNDARIES] = boundary + 1
    places, states, tokens = spread.places, spread.states, channel.tokens
    for place in range(first, channel.counters[RECORDS] + 1):
        token = int(places[place].ended)
        if token < 0:
            continue
        score = channel.offset[0] + _token_score(graph, tokens, token, ending)
        score -= channel.records[place - 1].alpha if place else 0.0
        paid = float(tokens[token].owed)
        if ending:
            paid += float(graph.final[tokens[token].position >> PHONE_BITS])
        for number in range(places[place - 1].states if place else 0, places[place].states):
            said, origin = int(states[number].said), int(states[number].origin)
            word = said if said and _is_word(tree.ends, tree.word, int(states[number].node), said) else 0
            total, owed = states[number].score + score, float(states[number].paid) + paid
            if not _add_arc(spread.used, spread.arcs, begun, origin, boundary, word, total, owed):
                return False
    return True


@inner
def _child(offsets: I32, phones: NDArray[np.uint8], children: I32, node: int, phone: int) -> int:
    for place in range(offsets[node], offsets[node + 1]):
        if phones[place] == phone:
            return int(children[place])
    return -1


@inner
def _is_word(ends: I32, words: I32, node: int, word: int) -> bool:
    found = False
    for place in range(ends[node], ends[node + 1]):
        found = found or words[place] == word
    return found

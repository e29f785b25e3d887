"""The oracle finds the best path of all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from benchmarks.recogniser.lattices import oracle_errors, spoken_arcs
from engine.decoder.lattice import WordLattice

WORDS = ("", "a", "b", "c", "o'clock")


def lattice(nodes: int, arcs: list[tuple[int, int, int]], ends: set[int]) -> WordLattice:
    source, target, word = (np.array(part, np.int32) for part in zip(*arcs, strict=True))
    nothing = np.zeros(len(arcs), np.float32)
    final = np.array([0.0 if node in ends else -np.inf for node in range(nodes)], np.float32)
    return WordLattice(np.arange(nodes, dtype=np.int32), source, target, word, nothing, nothing, final)


def paths(arcs: list[tuple[int, int, int]], ends: set[int], node: int = 0) -> list[list[str]]:
    found = [[]] if node in ends else []
    for source, target, word in arcs:
        if source == node:
            found += [[*([WORDS[word]] if word else []), *rest] for rest in paths(arcs, ends, target)]
    return found


@st.composite
def lattices(draw):
    nodes = draw(st.integers(2, 5))
    chain = [(node, node + 1, draw(st.integers(0, 4))) for node in range(nodes - 1)]
    pairs = st.tuples(st.integers(0, nodes - 2), st.integers(1, nodes - 1), st.integers(0, 4))
    more = [arc for arc in draw(st.lists(pairs, max_size=6)) if arc[0] < arc[1]]
    return nodes, [*chain, *more], {nodes - 1, *draw(st.lists(st.integers(0, nodes - 1), max_size=2))}


@given(lattices(), st.lists(st.sampled_from(["a", "b", "c", "o'clock", "other"]), max_size=5))
def test_no_path_has_fewer_errors_and_one_has_as_many(made, reference):
    nodes, arcs, ends = made
    least = min(Levenshtein.distance(reference, path) for path in paths(arcs, ends))
    assert oracle_errors(lattice(nodes, arcs, ends), WORDS, reference) == least


def test_arcs_without_a_word_do_not_count():
    assert spoken_arcs(lattice(3, [(0, 1, 2), (1, 2, 0), (0, 2, 3)], {2})) == 2

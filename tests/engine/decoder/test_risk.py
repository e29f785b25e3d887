"""Least risk against every sentence of small lattices."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decoder.lattice import WordLattice
from engine.decoder.ranking import best_sentences
from engine.decoder.risk import best_arcs, likely_places
from kernels.lattice import reference


def random_lattice(seed: int, nodes: int) -> WordLattice:
    rng = np.random.default_rng(seed)
    pairs = [(int(rng.integers(0, node)), node) for node in range(1, nodes)]
    pairs += [(node, int(rng.integers(node + 1, nodes))) for node in range(nodes - 1)] * 2
    source, target = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    acoustic, grammar = (rng.normal(size=len(pairs)).astype(np.float32) * 2 for _ in range(2))
    final = np.full(nodes, -np.inf, np.float32)
    final[-1] = 0.0
    word = rng.integers(0, 5, len(pairs)).astype(np.int32)
    return WordLattice(np.arange(nodes, dtype=np.int32) * 4, source, target, word, acoustic, grammar, final).ended


def posteriors(lattice: WordLattice) -> dict[tuple[int, ...], float]:
    scores = lattice.scores.astype(np.float64)
    return reference.sentences(lattice.source, lattice.target, lattice.word, scores, len(lattice.frames))


def test_risk_falls_below_that_of_the_best_path():
    best_risk = least_risk = chosen_risk = 0.0
    for seed in range(60):
        lattice = random_lattice(seed, 5)
        every = posteriors(lattice)
        chosen = [place.word for place in likely_places(lattice, best_arcs(lattice), 1.0, change=True) if place.word]
        best_risk += reference.risk(lattice.word[best_arcs(lattice)].tolist(), every)
        chosen_risk += reference.risk(chosen, every)
        least_risk += min(reference.risk(words, every) for words in every)
    assert least_risk - 1.0 < chosen_risk < best_risk
    assert chosen_risk - least_risk < 0.1 * (best_risk - least_risk) + 0.5


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_places_of_the_best_path_keep_its_words(seed, nodes):
    lattice = random_lattice(seed, nodes)
    places = likely_places(lattice, best_arcs(lattice), 1.0, change=False)
    assert [place.word for place in places[1::2]] == lattice.word[best_arcs(lattice)].tolist()
    assert all(place.word == 0 for place in places[::2])
    assert all(0.0 <= place.posterior <= 1.0 and place.start_frame <= place.end_frame for place in places)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 9))
def test_the_n_best_are_the_best_of_all_paths(seed, nodes, most):
    lattice = random_lattice(seed, nodes)
    best: dict[tuple[int, ...], float] = {}
    for path in reference.paths(lattice.source, lattice.target, nodes):
        words = tuple(int(lattice.word[arc]) for arc in path if lattice.word[arc])
        best[words] = max(best.get(words, -np.inf), float(lattice.scores[list(path)].astype(np.float64).sum()))
    wanted = sorted(best.items(), key=lambda item: -item[1])[:most]
    found = best_sentences(lattice, most)
    np.testing.assert_allclose([score for _, score in found], [score for _, score in wanted], atol=1e-5)
    assert all(abs(best[words] - score) < 1e-5 for words, score in found)
    assert tuple(lattice.word[best_arcs(lattice)].tolist()) == found[0][0]

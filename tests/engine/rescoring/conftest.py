"""Random lattices and models over four words, and every path through a lattice, listed plainly."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.decoder.lattice import WordLattice
from engine.ngram.compact import compact
from engine.ngram.kneser_ney import estimate
from engine.ngram.query import word_score
from engine.ngram.vocabulary import Vocabulary

WORDS = ["a", "b", "c", "d"]
VOCABULARY = Vocabulary.of(WORDS)


def random_lattice(rng: np.random.Generator, nodes: int) -> WordLattice:
    """A chain with shortcuts, so that every node lies on a path; some arcs without a word."""
    pairs = [(n, n + 1) for n in range(nodes - 1) for _ in range(rng.integers(1, 3))]
    pairs += [(n, int(rng.integers(n + 1, nodes))) for n in range(nodes - 1) if rng.random() < 0.5]
    source, target = (np.array(ends, np.int32) for ends in zip(*rng.permutation(pairs), strict=True))
    final = np.full(nodes, -np.inf, np.float32)
    final[-1] = -rng.random()
    return WordLattice(
        np.arange(nodes, dtype=np.int32), source, target, rng.integers(0, 5, len(source)).astype(np.int32),
        rng.normal(-3, 1, len(source)).astype(np.float32), rng.normal(-3, 1, len(source)).astype(np.float32), final,
    )  # fmt: skip


def paths(lattice: WordLattice) -> dict[tuple[int, ...], float]:
    """Best score of every word sequence, acoustic and grammar."""
    found: dict[tuple[int, ...], float] = {}
    todo = [(0, (), 0.0)]
    while todo:
        node, words, score = todo.pop()
        if np.isfinite(lattice.final[node]):
            total = score + float(lattice.final[node])
            found[words] = max(found.get(words, -np.inf), total)
        for arc in np.flatnonzero(lattice.source == node):
            word = int(lattice.word[arc])
            step = score + float(lattice.acoustic[arc]) + float(lattice.grammar[arc])
            todo.append((int(lattice.target[arc]), (*words, word) if word else words, step))
    return found


def models(seed: int) -> tuple:
    """A bigram and a 4-gram model of random sentences."""
    rng = np.random.default_rng(seed)
    texts = [[WORDS[int(i)] for i in rng.integers(0, 4, rng.integers(1, 6))] for _ in range(25)]
    stream = VOCABULARY.encode(texts)
    return tuple(estimate(stream, VOCABULARY, order, (1, 1, 1, 1)) for order in (2, 4))


def spoken(trie, words: tuple[int, ...], history: tuple[int, ...] = (), *, end: bool = True) -> float:
    """Log probability of a sentence of lexicon numbers after a history, by a trie."""
    numbers = [1, *(word + 2 for word in (*history, *words)), *([2] if end else [])]
    total = 0.0
    for place in range(1 + len(history), len(numbers)):
        before = np.array(numbers[max(0, place - trie.longest + 1) : place], np.int32)
        total += word_score(trie, before, len(before), numbers[place])
    return total


@pytest.fixture(scope="session")
def small() -> SimpleNamespace:
    return SimpleNamespace(
        vocabulary=VOCABULARY, lattice=random_lattice, paths=paths, models=models, spoken=spoken,
        tries=lambda seed: tuple(compact(model).unpacked() for model in models(seed)),
    )  # fmt: skip

"""The joint model: probabilities that sum to one, equal to the word n-grams' estimator, and pruned soundly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ngram import kneser_ney
from engine.ngram.vocabulary import Vocabulary
from engine.spelling.estimation import count, entropy_cost, estimate, prune
from engine.spelling.graphones import BEGIN, END
from engine.spelling.joint import JointModel

SYMBOLS = 9
symbols = st.integers(2, SYMBOLS - 1)
sequences = st.lists(st.lists(symbols, min_size=1, max_size=7), min_size=1, max_size=30)


def log_prob(model: JointModel, node: int, symbol: int) -> float:
    """The definition: a listed child's, else the back-off weight and the shorter history's."""
    trie = model.trie
    children = np.flatnonzero((trie.parent == node) & (trie.symbol == symbol) & (np.arange(len(trie.parent)) > 0))
    if len(children):
        return float(model.log_prob[children[0]])
    assert node, "unigrams list every symbol"
    return float(model.backoff[node]) + log_prob(model, int(trie.suffix[node]), symbol)


def numbered(words: list[list[int]]) -> list[np.ndarray]:
    """With every symbol somewhere, as unigrams list only what was seen."""
    return [np.array(word) for word in [*words, list(range(2, SYMBOLS))]]


def random_words(amount: int = 300) -> list[list[int]]:
    rng = np.random.default_rng(5)
    steps = rng.dirichlet(np.full(SYMBOLS - 2, 0.2), SYMBOLS)
    words = []
    for _ in range(amount):
        word = [2 + int(rng.integers(SYMBOLS - 2))]
        while len(word) < rng.integers(2, 8):
            word.append(2 + int(rng.choice(SYMBOLS - 2, p=steps[word[-1]])))
        words.append(word)
    return words


@settings(deadline=None, max_examples=12)
@given(sequences, st.integers(2, 5))
def test_what_follows_a_history_sums_to_one(words: list[list[int]], order: int) -> None:
    model = estimate(*count(numbered(words), SYMBOLS, order))
    for node in range(len(model.trie.parent)):
        if (model.trie.parent[1:] == node).any():
            total = sum(np.exp(log_prob(model, node, symbol)) for symbol in range(1, SYMBOLS))
            assert total == pytest.approx(1.0, abs=1e-6)


def test_counts_are_those_of_the_text() -> None:
    trie, seen = count([np.array([2, 3, 2]), np.array([2, 3])], 4, 3)
    listed = {}
    for node in range(1, len(seen)):
        gram, at = [], node
        while at:
            gram.insert(0, int(trie.symbol[at]))
            at = int(trie.parent[at])
        listed[tuple(gram)] = int(seen[node])
    assert listed[(2,)] == 3
    assert listed[(BEGIN, 2, 3)] == 2
    assert listed[(2, 3, END)] == 1
    assert (END, BEGIN) not in listed
    assert not any(len(gram) > 1 and gram[0] == END for gram in listed)


def test_it_equals_the_estimator_of_word_ngrams() -> None:
    words = numbered(random_words())
    model = estimate(*count(words, SYMBOLS, 3))
    vocabulary = Vocabulary.of([str(symbol) for symbol in range(2, SYMBOLS)])
    stream = vocabulary.encode([[str(symbol) for symbol in word] for word in words])
    truth = kneser_ney.estimate(stream, vocabulary, 3, (1, 1, 1))
    for node in range(int(model.trie.levels[3]), len(model.trie.parent)):
        parent = model.trie.parent[node]
        gram = [model.trie.symbol[model.trie.parent[parent]], model.trie.symbol[parent], model.trie.symbol[node]]
        marks = [{BEGIN: 1, END: 2}.get(int(symbol), int(symbol) + 1) for symbol in gram]
        key = np.array([sum(number << 16 * place for place, number in enumerate(reversed(marks)))], np.uint64)
        assert model.log_prob[node] == pytest.approx(truth.log_prob(key, 3)[0], abs=0.05)


def test_pruning_by_nothing_changes_nothing_and_by_much_leaves_unigrams() -> None:
    trie, seen = count(numbered(random_words()), SYMBOLS, 4)
    model = estimate(trie, seen)
    assert len(prune(model, seen, -1.0).log_prob) == len(model.log_prob)
    assert prune(model, seen, 1e9).trie.order == 1


def test_a_pruned_model_still_sums_to_one_and_keeps_what_it_needs() -> None:
    trie, seen = count(numbered(random_words()), SYMBOLS, 4)
    full = estimate(trie, seen)
    model = prune(full, seen, float(np.median(entropy_cost(full, seen))))
    assert len(trie.levels) == len(model.trie.levels)
    assert len(model.log_prob) < len(full.log_prob)
    for node in range(len(model.trie.parent)):
        if (model.trie.parent[1:] == node).any():
            total = sum(np.exp(log_prob(model, node, symbol)) for symbol in range(1, SYMBOLS))
            assert total == pytest.approx(1.0, abs=1e-6)
        if node >= model.trie.levels[2]:
            suffix = int(model.trie.suffix[node])
            assert model.trie.symbol[suffix] == model.trie.symbol[node]

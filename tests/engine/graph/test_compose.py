"""Lexicon and grammar in one graph: it costs what the language model says, and says what is spelt."""

import numpy as np
import pytest

pytest.importorskip("kaldilm", reason="the train extra, which builds graphs, is not installed")

from engine.graph.build import make_graph
from engine.graph.compose import Arcs, fold_epsilons, lay_out
from engine.lexicon import WordLexicon
from engine.ngram.counts import Keys
from engine.ngram.kneser_ney import estimate
from engine.ngram.model import BackoffModel
from engine.ngram.vocabulary import BEGIN, END, Vocabulary
from engine.phones import token_ids
from kernels.token_passing import Graph
from kernels.token_passing.reference import Path, best_path

SPELLINGS = {"cat": "K AE T", "cats": "K AE T S", "sat": "S AE T", "the": "DH AH", "two": "T UW"}
SENTENCES = ["the cat sat", "two cats sat", "the cats", "cat", "sat two the", "the two cat sat sat"]
LEXICON = WordLexicon(("", *SPELLINGS), ((), *((token_ids(spelling),) for spelling in SPELLINGS.values())))


@pytest.fixture(scope="module")
def model() -> BackoffModel:
    vocabulary = Vocabulary.of(LEXICON.words[1:])
    text = "the cat sat|the cats sat|two cats sat|the cat|two cats|the two cats sat|cats sat"
    return estimate(vocabulary.encode(line.split() for line in text.split("|")), vocabulary, 3, (1, 1, 1))


def arrays(graph) -> Graph:
    return Graph(graph.offsets, graph.dest, graph.phone, graph.word, graph.cost, graph.final)


def spelt(sentence: str) -> np.ndarray:
    """Scores that allow only this spelling, a blank after every phone."""
    tokens = [token for word in sentence.split() for phone in token_ids(SPELLINGS[word]) for token in (phone, 0)]
    scores = np.full((len(tokens), 40), -1000.0)
    scores[np.arange(len(tokens)), tokens] = 0.0
    return scores


def packed(numbers: list[int]) -> Keys:
    key = 0
    for number in numbers:
        key = key << 16 | number
    return np.array([key], np.uint64)


def log_probability(model: BackoffModel, sentence: str) -> float:
    numbers = [BEGIN, *(model.vocabulary.numbers[word] for word in sentence.split()), END]
    grams = [numbers[max(0, place - 2) : place + 1] for place in range(1, len(numbers))]
    return float(sum(model.log_prob(packed(gram), len(gram))[0] for gram in grams))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_spelling_says_its_words_at_the_price_of_the_language_model(model, sentence):
    graph = make_graph(model, LEXICON)
    path = best_path(arrays(graph), spelt(sentence))
    assert isinstance(path, Path)
    assert " ".join(LEXICON.words[word] for word in path.words) == sentence
    price = log_probability(model, sentence)
    # an arc is rounded by at most 1/128 nat, twice; backing off where a listed n-gram is dearer may be cheaper
    assert price - 0.02 * 4 * len(sentence.split()) - 0.05 <= path.score <= price + 1.0


def test_folding_skips_lone_epsilons_and_loses_no_path():
    inf = np.inf
    arcs = Arcs(
        source=np.array([0, 1, 2, 0, 4]), dest=np.array([1, 2, 3, 4, 3]), phone=np.array([1, 0, 2, 3, 0]),
        word=np.array([0, 7, 0, 8, 9]), cost=np.array([0.25, 0.5, 0.0, 1.0, 0.25]),
        final=np.array([inf, inf, inf, 0.0, inf]), start=0,
    )  # fmt: skip
    folded = lay_out(fold_epsilons(arcs), LEXICON)
    assert folded.states == 4  # the state between word 7 and phone 2 is gone; two words cannot share an arc
    for phones, words, score in ([(1, 2), (7,), -0.75], [(3,), (8, 9), -1.25]):
        scores = np.full((len(phones), 40), -1000.0)
        scores[np.arange(len(phones)), list(phones)] = 0.0
        assert best_path(arrays(folded), scores) == Path(score, tuple(zip(phones, range(9), strict=False)), words)


def test_epsilon_arcs_come_first_in_every_state(model):
    graph = make_graph(model, LEXICON)
    for state in range(graph.states):
        phones = graph.phone[graph.offsets[state] : graph.offsets[state + 1]]
        assert (np.diff(phones.astype(int)) >= 0).all()

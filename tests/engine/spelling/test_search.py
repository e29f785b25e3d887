"""The search against every division of a word there is."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.phones import token_ids
from engine.spelling.estimation import count, estimate, prune
from engine.spelling.graphones import ALPHABET, BEGIN, END, SOUNDS, Graphones, encode_letters
from engine.spelling.joint import JointModel
from engine.spelling.search import Network, lay_out, search, ways_back

LETTERS = "abx'"
(K,), (S,), (AE,) = token_ids("K"), token_ids("S"), token_ids("AE")
CODES = [letter * SOUNDS + sound for letter in encode_letters(LETTERS).tolist() for sound in (0, S, AE, 40 * K + S)]
GRAPHONES = Graphones.of([*CODES, *(number * SOUNDS for number in range(1, len(ALPHABET) + 1))])


@pytest.fixture(scope="module")
def model() -> JointModel:
    rng = np.random.default_rng(3)
    choices = GRAPHONES.symbols(np.array(sorted(CODES)))
    words = [rng.choice(choices, int(rng.integers(1, 6))) for _ in range(400)]
    trie, seen = count([*words, np.arange(2, len(GRAPHONES))], len(GRAPHONES), 3)
    return prune(estimate(trie, seen), seen, 1e-4)


@pytest.fixture(scope="module")
def network(model: JointModel) -> Network:
    return lay_out(model, GRAPHONES)


def every_pronunciation(model: JointModel, word: str) -> dict[tuple[int, ...], float]:
    """Probability of the word with each phone sequence, over all divisions."""
    trie = model.trie
    child = {(int(trie.parent[node]), int(trie.symbol[node])): node for node in range(1, len(trie.parent))}

    def step(node: int, symbol: int) -> tuple[int, float]:
        weight = 0.0
        while (node, symbol) not in child:
            weight, node = weight + float(model.backoff[node]), int(trie.suffix[node])
        found = child[node, symbol]
        return found, weight + float(model.log_prob[found])

    ranges = GRAPHONES.ranges()
    options = [range(int(ranges[n]), int(ranges[n + 1])) for n in encode_letters(word).tolist()]
    total: dict[tuple[int, ...], float] = {}
    for symbols in product(*options):
        node, score = child[0, BEGIN], 0.0
        for symbol in (*symbols, END):
            node, more = step(node, symbol)
            score += more
        phones = GRAPHONES.phones(symbols)
        total[phones] = total.get(phones, 0.0) + float(np.exp(score))
    return total


@settings(deadline=None, max_examples=20)
@given(word=st.text(LETTERS, min_size=1, max_size=4))
def test_a_wide_search_finds_every_pronunciation_with_its_probability(
    model: JointModel, network: Network, word: str
) -> None:
    found = search(network, encode_letters(word), 200.0, 1500)
    said = (GRAPHONES.phones(symbols) for symbols in ways_back(found, len(found.last)))
    given_ = {phones: float(np.exp(score)) for phones, score in zip(said, found.score, strict=True)}
    truth = every_pronunciation(model, word)
    assert given_.keys() == truth.keys()
    assert list(given_.values()) == sorted(given_.values(), reverse=True)
    for phones, probability in truth.items():
        assert given_[phones] == pytest.approx(probability, rel=1e-4)


def test_a_narrow_search_finds_no_more_than_its_limit(network: Network) -> None:
    assert 1 <= len(search(network, encode_letters("abxab"), 8.0, 3).score) <= 3


def test_a_long_word_needs_no_more_room_than_its_letters(network: Network) -> None:
    found = search(network, encode_letters("ab" * 1000), 8.0, 16)
    assert len(ways_back(found, 1)[0]) == 2000

"""A small language: a graph of twelve words over real phones, and log-probs that say something in it."""

import numpy as np
import pytest

from engine.graph.store import SearchGraph
from engine.lexicon import WordLexicon
from engine.ngram.kneser_ney import estimate
from engine.ngram.vocabulary import Vocabulary
from engine.phones import token_ids

SPELLINGS = {
    "a": ["AH", "EY"],
    "cat": ["K AE T"],
    "cats": ["K AE T S"],
    "read": ["R IY D", "R EH D"],
    "red": ["R EH D"],
    "reed": ["R IY D"],
    "sat": ["S AE T"],
    "saw": ["S AO"],
    "the": ["DH AH", "DH IY"],
    "to": ["T UW"],
    "too": ["T UW"],
    "two": ["T UW"],
}
TEXT = """the cat sat|the cats sat|a cat saw the cats|the two cats saw a red reed|the cat read too|read to the cat
two cats read to a cat|the red cat saw two red cats|a cat sat too|the cats saw the cat|two red cats sat""".replace(
    "\n", "|"
)


@pytest.fixture(scope="session")
def small_lexicon() -> WordLexicon:
    words = ("", *SPELLINGS)
    return WordLexicon(words, ((), *(tuple(token_ids(one) for one in variants) for variants in SPELLINGS.values())))


@pytest.fixture(scope="session")
def small_graph(small_lexicon: WordLexicon) -> SearchGraph:
    pytest.importorskip("kaldilm", reason="the train extra, which builds graphs, is not installed")
    from engine.graph.build import make_graph

    vocabulary = Vocabulary.of(small_lexicon.words[1:])
    sentences = [line.split() for line in TEXT.split("|")]
    return make_graph(estimate(vocabulary.encode(sentences), vocabulary, 3, (1, 1, 1)), small_lexicon)


class Voice:
    """Says words as log-probs, with noise."""

    def __init__(self, lexicon: WordLexicon, seed: int) -> None:
        self._lexicon = lexicon
        self._numbers = {word: number for number, word in enumerate(lexicon.words)}
        self._rng = np.random.default_rng(seed)

    def say(self, text: str, noise: float = 0.0, pause: int = 0) -> np.ndarray:
        tokens = [0] * pause
        for word in text.split():
            variants = self._lexicon.pronunciations[self._numbers[word]]
            for phone in variants[int(self._rng.integers(len(variants)))]:
                tokens += [phone] * int(self._rng.integers(1, 3)) + [0] * int(self._rng.integers(1, 3))
        raw = self._rng.normal(size=(len(tokens), 40)) * noise
        raw[np.arange(len(tokens)), tokens] += 8.0
        return (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)


@pytest.fixture(scope="session")
def voice(small_lexicon: WordLexicon):
    return lambda seed: Voice(small_lexicon, seed)

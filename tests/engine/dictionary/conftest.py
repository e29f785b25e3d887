"""A graph of few words, laid out by hand, with the shape of the real ones: a start, a hub, and one history."""

import numpy as np
import pytest

from engine.decoder.options import DecodeOptions
from engine.decoder.search import Decoder
from engine.dictionary.dictionaries import Dictionaries
from engine.graph.store import SearchGraph
from engine.lexicon import WordLexicon
from engine.phones import token_ids
from engine.spelling.speller import FOLDER

SPELLINGS = {
    "cat": "K AE T", "cats": "K AE T S", "new": "N UW", "red": "R EH D", "sat": "S AE T", "the": "DH AH",
    "york": "Y AO R K",
}  # fmt: skip
START, HUB, AFTER_NEW = range(3)


@pytest.fixture(scope="session")
def lexicon() -> WordLexicon:
    return WordLexicon(("", *SPELLINGS), ((), *((token_ids(spelt),) for spelt in SPELLINGS.values())))


@pytest.fixture(scope="session")
def graph(lexicon) -> SearchGraph:
    numbers = {word: number for number, word in enumerate(lexicon.words)}
    rows: list[list[tuple[int, int, int, float]]] = [[], [], []]  # phone, destination, word, cost

    def say(source: int, word: str, dest: int, cost: float) -> None:
        phones = token_ids(SPELLINGS[word])
        for place, phone in enumerate(phones):
            last = place == len(phones) - 1
            rows[source].append(
                (phone, dest if last else len(rows), 0 if place else numbers[word], 0 if place else cost)
            )
            if not last:
                source = len(rows)
                rows.append([])

    rows[START].append((0, HUB, 0, 0.5))
    rows[AFTER_NEW].append((0, HUB, 0, 1.5))
    for word in SPELLINGS:
        say(HUB, word, AFTER_NEW if word == "new" else HUB, 6.0)
    say(START, "the", HUB, 1.0)
    say(AFTER_NEW, "york", HUB, 1.0)
    flat = [arc for row in rows for arc in sorted(row)]
    phone, dest, word, cost = (np.array(column) for column in zip(*flat, strict=True))
    final = np.full(len(rows), np.inf, np.float32)
    final[[HUB, AFTER_NEW]] = 1.0
    return SearchGraph(
        np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32), dest.astype(np.int32),
        phone.astype(np.uint8), word.astype(np.int32), cost.astype(np.float32), final, lexicon,
    )  # fmt: skip


OPTIONS = DecodeOptions(1.0, 0.5, 0.0, 0.0, beam=14.0, max_active=300)
LATTICES = DecodeOptions(1.0, 0.5, 0.0, 0.0, beam=14.0, max_active=300, lattice_beam=8.0)


@pytest.fixture(scope="session", params=[OPTIONS, LATTICES], ids=["best path", "lattice"])
def decoder(graph, request) -> Decoder:
    return Decoder(graph, request.param)


@pytest.fixture(scope="session")
def dictionaries(decoder) -> Dictionaries:
    return Dictionaries(decoder, FOLDER)


def _say(*spelt: str, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Log-probs of words that are given by their phones."""
    rng = np.random.default_rng(seed)
    tokens = [0, 0]
    for word in spelt:
        for phone in token_ids(word):
            tokens += [phone] * int(rng.integers(1, 3)) + [0] * int(rng.integers(1, 3))
    raw = rng.normal(size=(len(tokens), 40)) * noise
    raw[np.arange(len(tokens)), tokens] += 8.0
    return (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)


@pytest.fixture(scope="session")
def say():
    return _say

"""Build the search graph and the language models: ``python -m engine.graph.build --speech SPEECH --out FOLDER``.

Writes graph.npz, lm-3gram.npz (the model that the graph was made of) and lm-4gram.npz (the second pass's).
"""

from __future__ import annotations

import argparse
import json
import logging
import lzma
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.graph.compose import compose, fold_epsilons, grammar_fst, lay_out, lexicon_fst, read_arcs
from engine.graph.store import SearchGraph, save_graph
from engine.lexicon import WordLexicon, choose_words, with_possessives
from engine.ngram.arpa import write_arpa
from engine.ngram.compact import compact, save_compact
from engine.ngram.counts import Keys, count, look_up
from engine.ngram.kneser_ney import estimate
from engine.ngram.mix import interpolate
from engine.ngram.model import BackoffModel, Floats
from engine.ngram.prune import prune
from engine.ngram.select import select
from engine.ngram.spoken import read_lists, sentences
from engine.ngram.vocabulary import Vocabulary
from engine.phones import read_lexicon, words_of

HERE = Path(__file__).parent.parent / "models" / "english"
WEIGHTS = (0.50, 0.20, 0.25, 0.05)  # books, books like the transcripts, training transcripts, numbers and names
ALIKE = 0.10  # share of the books that most resembles the training transcripts
LEAST = ((1, 1, 2, 2), (1, 1, 1, 2), (1, 1, 1, 1), (1, 1, 1, 1))  # counts that list an n-gram, by text and order
TRUST = 0.3  # how far a history decides which text to follow
SPOKEN_SENTENCES = 40_000
SEED = 2
log = logging.getLogger("engine.graph.build")

Texts = Sequence[Sequence[Sequence[str]]]


def read_texts(speech: Path) -> list[list[list[str]]]:
    """Books, training transcripts, and made sentences, each as lists of lower-case words."""
    with lzma.open(speech / "lm_text" / "lm_text.txt.xz", "rt", encoding="utf-8") as lines:
        books = [line.lower().split() for line in lines]
    heard = list(_transcripts([speech / "train.jsonl", speech / "digits_train.jsonl"]))
    lists = read_lists(HERE / "everyday.txt")
    return [books, heard, list(sentences(lists, SPOKEN_SENTENCES, np.random.default_rng(SEED)))]


def make_lexicon(texts: Texts, dictionary: Path, size: int) -> WordLexicon:
    """The vocabulary of the texts that can be pronounced; the small texts come in whole."""
    counts = Counter(word for sentence in texts[0] for word in sentence)
    small = dict.fromkeys(word for text in texts[1:] for sentence in text for word in sentence)
    always = [*small, *(word for words in read_lists(HERE / "everyday.txt").values() for word in words)]
    known = {**read_lexicon(dictionary), **read_lexicon(HERE / "extra.dict")}
    known = with_possessives(known, [*always, *counts])
    words = choose_words(counts, known, size, always)
    return WordLexicon(("", *words), ((), *(tuple(dict.fromkeys(known[word])) for word in words)))


def encoded_texts(texts: Texts, vocabulary: Vocabulary) -> list[NDArray[np.uint16]]:
    """Texts as word numbers: books, the books' sentences most like the transcripts, transcripts, made sentences."""
    books, heard, made = (vocabulary.encode(text) for text in texts)
    return [books, select(books, heard, vocabulary, ALIKE), heard, made]


def make_language_model(
    streams: Sequence[NDArray[np.uint16]], vocabulary: Vocabulary, thresholds: Sequence[float]
) -> BackoffModel:
    """Kneser-Ney n-grams of each text, mixed and entropy-pruned.

    Args:
        streams: from ``encoded_texts``.
        thresholds: of pruning for orders 2, 3, ...: as many as the order of the model less one.
    """
    order = len(thresholds) + 1
    models = [estimate(stream, vocabulary, order, least[:order]) for stream, least in zip(streams, LEAST, strict=True)]
    mixed = interpolate(models, WEIGHTS, TRUST)
    log.info("mixed: %s n-grams", [len(order) for order in mixed.orders])

    def weight(keys: Keys, order: int) -> Floats:
        total = np.zeros(len(keys))
        for share, stream in zip(WEIGHTS, streams, strict=True):
            seen = count(stream, order)
            total += look_up(seen.keys, seen.counts, keys) * (share / len(stream))
        return total

    return prune(mixed, thresholds, weight)


def make_graph(model: BackoffModel, lexicon: WordLexicon, arpa: Path | None = None) -> SearchGraph:
    """Compose lexicon and model.

    Args:
        arpa: keep the model here as well.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = arpa or Path(scratch) / "model.arpa"
        write_arpa(model, path, unknown=False)
        fst = compose(lexicon_fst(lexicon), grammar_fst(path, lexicon, Path(scratch)))
    return lay_out(fold_epsilons(read_arcs(fst)), lexicon)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build and write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, required=True, help="the speech data pack")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--arpa", type=Path, help="keep the graph's language model here too")
    parser.add_argument("--words", type=int, default=40_000)
    parser.add_argument("--prune", type=float, nargs=2, default=(8e-8, 4e-8), metavar=("BIGRAM", "TRIGRAM"))
    parser.add_argument(
        "--second", type=float, nargs=3, default=(2e-8, 2e-8, 1.5e-8), metavar=("BIGRAM", "TRIGRAM", "FOURGRAM"),
        help="pruning of the second pass's model",
    )  # fmt: skip
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    texts = read_texts(chosen.speech)
    lexicon = make_lexicon(texts, chosen.speech / "lexicon" / "cmudict.dict.xz", chosen.words)
    log.info("lexicon: %d words", len(lexicon.words) - 1)
    vocabulary = Vocabulary.of(lexicon.words[1:])
    streams = encoded_texts(texts, vocabulary)
    chosen.out.mkdir(parents=True, exist_ok=True)
    second = make_language_model(streams, vocabulary, chosen.second)
    log.info("second pass: %s n-grams", [len(order) for order in second.orders])
    save_compact(compact(second), chosen.out / "lm-4gram.npz")
    model = make_language_model(streams, vocabulary, chosen.prune)
    log.info("pruned: %s n-grams", [len(order) for order in model.orders])
    save_compact(compact(model), chosen.out / "lm-3gram.npz")
    graph = make_graph(model, lexicon, chosen.arpa)
    save_graph(graph, chosen.out / "graph.npz")
    log.info(
        "graph: %d states, %d arcs, %d bytes", graph.states, len(graph.dest), (chosen.out / "graph.npz").stat().st_size
    )
    return 0


def _transcripts(manifests: Iterable[Path]) -> Iterator[list[str]]:
    for manifest in manifests:
        with manifest.open(encoding="utf-8") as lines:
            for line in lines:
                text = json.loads(line)["text"]
                if text:
                    yield words_of(text.replace("-", " "))


if __name__ == "__main__":
    raise SystemExit(main())

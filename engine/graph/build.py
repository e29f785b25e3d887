"""Build the search graph from text: ``python -m engine.graph.build --speech ../shared/speech --out FOLDER``."""

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

from engine.graph.compose import compose, fold_epsilons, grammar_fst, lay_out, lexicon_fst, read_arcs
from engine.graph.store import SearchGraph, save_graph
from engine.lexicon import WordLexicon, choose_words, with_possessives
from engine.ngram.arpa import write_arpa
from engine.ngram.counts import Keys, count, look_up
from engine.ngram.kneser_ney import estimate
from engine.ngram.mix import interpolate
from engine.ngram.model import BackoffModel, Floats
from engine.ngram.prune import prune
from engine.ngram.spoken import read_lists, sentences
from engine.ngram.vocabulary import Vocabulary
from engine.phones import read_lexicon, words_of

HERE = Path(__file__).parent.parent / "models" / "english"
WEIGHTS = (0.65, 0.30, 0.05)  # books, training transcripts, numbers and names
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


def make_language_model(texts: Texts, lexicon: WordLexicon, thresholds: Sequence[float]) -> BackoffModel:
    """Kneser-Ney trigrams of each text, mixed and entropy-pruned."""
    vocabulary = Vocabulary.of(lexicon.words[1:])
    streams = [vocabulary.encode(text) for text in texts]
    models = [estimate(stream, vocabulary, 3, (1, 1, 2 if index == 0 else 1)) for index, stream in enumerate(streams)]
    mixed = interpolate(models, WEIGHTS)
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
    """Build and write ``graph.npz``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, required=True, help="the speech data pack")
    parser.add_argument("--out", type=Path, required=True, help="folder for graph.npz")
    parser.add_argument("--arpa", type=Path, help="keep the language model here")
    parser.add_argument("--words", type=int, default=40_000)
    parser.add_argument("--prune", type=float, nargs=2, default=(8e-8, 4e-8), metavar=("BIGRAM", "TRIGRAM"))
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    texts = read_texts(chosen.speech)
    lexicon = make_lexicon(texts, chosen.speech / "lexicon" / "cmudict.dict.xz", chosen.words)
    log.info("lexicon: %d words", len(lexicon.words) - 1)
    model = make_language_model(texts, lexicon, chosen.prune)
    log.info("pruned: %s n-grams", [len(order) for order in model.orders])
    graph = make_graph(model, lexicon, chosen.arpa)
    chosen.out.mkdir(parents=True, exist_ok=True)
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

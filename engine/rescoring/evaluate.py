"""How well the language models of a folder foretell transcripts: ``python -m engine.rescoring.evaluate MANIFEST``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.graph.store import load_graph
from engine.ngram.compact import TrieArrays, load_compact
from engine.ngram.perplexity import Surprise, foretold, surprise
from engine.ngram.query import word_scores
from engine.ngram.vocabulary import BEGIN, Vocabulary
from engine.phones import words_of
from engine.rescoring.neural import NeuralModel, load_neural

Floats = NDArray[np.float64]
MODELS = Path(__file__).parent.parent / "models" / "english"
ROWS = 512  # histories normalised at once


def counted_scores(model: TrieArrays, stream: NDArray[np.uint16]) -> Floats:
    """Natural log probability of every token of an encoded text; 0 for those not foretold."""
    histories, used, places = _histories(stream, model.longest - 1)
    result = np.zeros(len(stream))
    result[places] = word_scores(model, histories, used, stream[places].astype(np.int32))
    return result


def learned_scores(model: NeuralModel, stream: NDArray[np.uint16], *, normalised: bool) -> Floats:
    """The same by a neural model, as it scores or divided by the sum over all words."""
    histories, used, places = _histories(stream, model.context)
    result = np.zeros(len(stream))
    words = stream[places].astype(np.int32)
    for rows in np.array_split(np.arange(len(places)), max(len(places) // ROWS, 1)):
        scores = model.log_probs(histories[rows], used[rows], words[rows])
        if normalised:
            missing = np.arange(model.context) < model.context - used[rows, None]
            whole = model.answers(np.where(missing, BEGIN, histories[rows])) @ model.embedding.T + model.bias
            scores = scores - np.logaddexp.reduce(whole, axis=1)
        result[places[rows]] = scores
    return result


def table(texts: Mapping[str, Sequence[Sequence[str]]], folder: Path, shares: Sequence[float]) -> str:
    """Perplexities of every text, a Markdown table.

    Args:
        texts: by stratum, sentences of lower-case words.
        folder: of graph.npz, lm-3gram.npz, lm-4gram.npz and lm-neural.npz (which may be missing).
        shares: of the neural model in mixtures with the 4-gram.
    """
    vocabulary = Vocabulary.of(load_graph(folder / "graph.npz").lexicon.words[1:])
    first, second = (load_compact(folder / f"lm-{order}gram.npz").unpacked() for order in (3, 4))
    neural = load_neural(folder / "lm-neural.npz") if (folder / "lm-neural.npz").exists() else None
    names = ["3-gram", "4-gram"]
    if neural is not None:
        names += ["neural", "neural, unnormalised", *(f"4-gram + {share:g} neural" for share in shares)]
    lines = [f"| stratum | words | unknown | {' | '.join(names)} |", "| --- " * (len(names) + 3) + "|"]
    for stratum, sentences in texts.items():
        stream = vocabulary.encode(sentences)
        columns = [counted_scores(first, stream), counted_scores(second, stream)]
        if neural is not None:
            exact, quick = (learned_scores(neural, stream, normalised=whole) for whole in (True, False))
            mixed = [np.logaddexp(columns[1] + np.log1p(-share), exact + np.log(share)) for share in shares]
            columns += [exact, quick, *mixed]
        found = [surprise(scores, stream) for scores in columns]
        lines.append(_row(stratum, sum(map(len, sentences)), found))
    return "\n".join(lines)


def read_texts(manifests: Sequence[Path]) -> dict[str, list[list[str]]]:
    """Transcripts of manifests by data set and age group."""
    texts: dict[str, list[list[str]]] = {}
    for manifest in manifests:
        for line in manifest.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            said = entry.get("text") or " ".join(word["text"] for word in entry.get("words", []))
            words = words_of(said.replace("-", " "))
            if words:
                group = entry["age_group"] if entry.get("dataset") == "speechocean762" else entry.get("dataset", "")
                texts.setdefault(f"{manifest.stem} {group}".strip(), []).append(words)
    return texts


def _histories(stream: NDArray[np.uint16], width: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.intp]]:
    """Histories (T, width), how much of each is known (T,), and the places (T,) of the tokens that are foretold."""
    places = np.flatnonzero(foretold(stream))
    begins = np.maximum.accumulate(np.where(stream == BEGIN, np.arange(len(stream)), 0))
    back = places[:, None] - np.arange(width, 0, -1)
    histories = stream[np.maximum(back, begins[places][:, None])].astype(np.int32)
    return histories, np.minimum(places - begins[places], width).astype(np.int32), places


def _row(stratum: str, words: int, found: Sequence[Surprise]) -> str:
    cells = ["-" if one.perplexity is None else f"{one.perplexity:.1f}" for one in found]
    return f"| {stratum} | {words} | {found[0].unknown} | {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifests", type=Path, nargs="+")
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--share", type=float, action="append", help="of the neural model in a mixture")
    chosen = parser.parse_args(arguments)
    print(table(read_texts(chosen.manifests), chosen.models, chosen.share or [0.2, 0.3, 0.4]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

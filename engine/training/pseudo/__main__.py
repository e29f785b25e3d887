"""Transcribe recordings that have no transcript, to train on them.

``python -m engine.training.pseudo MANIFEST --out NEW --model FOLDER --lexicon FILE [--grammar FILE] [--books FILE]
[--own]``; where the manifest has transcripts they are not used, but the labels are measured against them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from engine.acoustic.body import Body
from engine.alphabet import alphabet_of, read_lexicon
from engine.errors import ModelError, TrainingError
from engine.recogniser import Recogniser
from engine.training.pseudo.books import read_books, spell_books
from engine.training.pseudo.grammar import read_grammar
from engine.training.pseudo.labelling import Sources, Yield, hear_manifest, judge, label_all, write_labels


def arguments_of(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m engine.training.pseudo", description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="manifest to write; cut audio goes beside it")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model that listens")
    parser.add_argument("--lexicon", type=Path, required=True)
    parser.add_argument("--grammar", type=Path, help="YAML, for recordings whose intent and slots are known")
    parser.add_argument("--books", type=Path, action="append", default=[], help="text to search in, .xz or plain")
    parser.add_argument("--own", action="store_true", help="take the recogniser's own words where it is sure")
    parser.add_argument("--chunk-ms", type=int, default=None, help="look-ahead; by default the longest")
    return parser.parse_args(given)


def row(name: str, total: Yield) -> str:
    """Draw what a method gave."""
    rate = "-" if total.error_rate is None else f"{100 * total.error_rate:.1f} of {total.judged}"
    return f"| {name} | {total.labels} | {total.seconds:.0f} | {rate} |"


def main(given: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    chosen = arguments_of(given)
    lexicon = read_lexicon(chosen.lexicon, alphabet_of(chosen.lexicon))
    recogniser = Recogniser.load(chosen.model) if chosen.own else None
    body = recogniser.body if recogniser else Body.load(chosen.model)
    recordings = list(hear_manifest(chosen.manifest, body, chosen.chunk_ms or max(body.card.chunk_ms)))
    books = spell_books(chain.from_iterable(map(read_books, chosen.books)), lexicon) if chosen.books else None
    grammar = read_grammar(chosen.grammar) if chosen.grammar else None
    labels = label_all(recordings, Sources(lexicon, books, grammar, recogniser))
    write_labels(chosen.out, recordings, labels)
    print("| method | labels | seconds | wrong words % |\n| --- | --- | --- | --- |")
    for method in ("grammar", "book", "self"):
        mine = [one for one, some in zip(recordings, labels, strict=True) if some and some[0].method == method]
        parts = [some for some in labels if some and some[0].method == method]
        total = sum((judge(one, some) for one, some in zip(mine, parts, strict=True)), Yield())
        print(row(method, total))
    unlabelled = sum(not some for some in labels)
    print(f"\n{unlabelled} of {len(recordings)} recordings have no label", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except (ModelError, TrainingError) as wrong:
        raise SystemExit(str(wrong)) from None

"""Measure model folders on manifests, by stratum: greedy phone errors, and word errors of the whole recogniser."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from engine.body import Body, Listener, LogProbs
from engine.phones import Lexicon, read_lexicon, words_of
from engine.recogniser import Recogniser
from engine.training.corpus import Utterance, load, read_manifest
from engine.training.measurement import PhoneErrors, phone_errors


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of a group of recordings, which add up; ``words`` is 0 where only phones were measured."""

    phones: PhoneErrors
    word_errors: int = 0
    words: int = 0
    recordings: int = 1

    def __add__(self, other: Score) -> Score:
        return Score(
            self.phones + other.phones,
            self.word_errors + other.word_errors,
            self.words + other.words,
            self.recordings + other.recordings,
        )

    def row(self, name: str, *, words: bool) -> str:
        """Draw as a row of a Markdown table; where nothing was said, the words and phones made up."""
        phones = f"{self.phones.errors} phones" if self.phones.rate is None else f"{100 * self.phones.rate:.1f}"
        rate = f"{100 * self.word_errors / self.words:.1f}" if self.words else f"{self.word_errors} words"
        return f"| {name} | {self.recordings} | {self.words} | {phones} | {rate if words else '-'} |"


def hear(body: Body, utterance: Utterance, chunk_ms: int) -> LogProbs:
    """Give the log-probabilities (t, 40) of one recording, heard in chunks."""
    listener = Listener(body, chunk_ms)
    return np.concatenate([listener.step(load(utterance.audio)), listener.end()])


def score(recogniser: Recogniser | Body, utterance: Utterance, chunk_ms: int) -> Score:
    """Measure one recording; a body alone is measured on phones only."""
    if isinstance(recogniser, Body):
        return Score(phone_errors(hear(recogniser, utterance, chunk_ms), utterance.phones))
    log_probs = hear(recogniser.body, utterance, chunk_ms)
    words = recogniser.begin_words()
    words.step(log_probs)
    said = [part for word in words.end() for part in words_of(word.text)]
    truth = words_of(utterance.text)
    return Score(phone_errors(log_probs, utterance.phones), Levenshtein.distance(said, truth), len(truth))


def by_stratum(recogniser: Recogniser | Body, utterances: Iterable[Utterance], chunk_ms: int) -> dict[str, Score]:
    """Add up the scores of each stratum, and of all."""
    totals: dict[str, Score] = {}
    for utterance in utterances:
        measured = score(recogniser, utterance, chunk_ms)
        for stratum in (utterance.stratum, "all"):
            totals[stratum] = totals[stratum] + measured if stratum in totals else measured
    return totals


def report(model: Path, manifest: Path, lexicon: Lexicon, *, chunk_ms: int, every: int, words: bool) -> str:
    """Measure a model on every n-th utterance of a manifest and draw a Markdown table."""
    recogniser = Recogniser.load(model) if words else Body.load(model)
    utterances = read_manifest(manifest, lexicon)
    left_out = sum('"audio"' in line for line in manifest.read_text(encoding="utf-8").splitlines()) - len(utterances)
    totals = by_stratum(recogniser, utterances[::every], chunk_ms)
    head = (
        f"{model.name} on {manifest.stem}, chunks of {chunk_ms} ms, every {every}. of {len(utterances)} recordings "
        f"({left_out} left out: a word is not in the lexicon)"
    )
    strata = sorted(totals, key=lambda name: (name == "all", name))
    rows = [totals[stratum].row(stratum, words=words) for stratum in strata]
    columns = "| stratum | recordings | words | greedy PER % | WER % |\n| --- | --- | --- | --- | --- |"
    return "\n".join([head, "", columns, *rows, ""])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifests", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, action="append", required=True)
    parser.add_argument("--lexicon", type=Path, required=True)
    parser.add_argument("--chunk-ms", type=int, default=640)
    parser.add_argument("--every", type=int, default=1, help="measure every n-th utterance only")
    parser.add_argument("--words", action="store_true", help="decode words too (needs the search graph)")
    given = parser.parse_args(arguments)
    lexicon = read_lexicon(given.lexicon)
    for manifest in given.manifests:
        for model in given.model:
            print(
                report(model, manifest, lexicon, chunk_ms=given.chunk_ms, every=given.every, words=given.words),
                flush=True,
            )


if __name__ == "__main__":
    main()

"""Measure model folders on manifests, by stratum: greedy phone errors, and word errors of the whole recogniser."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from engine.acoustic.body import Body, hear
from engine.alphabet import words_in
from engine.phones import Lexicon, read_lexicon
from engine.recogniser import Recogniser
from engine.training.corpus import Utterance, survey
from engine.training.measurement import PhoneErrors, phone_errors
from engine.training.reading import blocks_of

_SOME_PHONES = (1,)  # stand for a word that cannot be spelt, so that its utterance is kept; they are never scored


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


def score(recogniser: Recogniser | Body, utterance: Utterance, chunk_ms: int, *, spelt: bool = True) -> Score:
    """Measure one recording; a body alone is measured on phones only.

    Args:
        recogniser: what hears it.
        utterance: the recording.
        chunk_ms: look-ahead.
        spelt: all its words are in the lexicon; else its phones are not measured, its words all the same.
    """
    body = recogniser if isinstance(recogniser, Body) else recogniser.body
    log_probs = hear(body, blocks_of(utterance), chunk_ms)
    phones = phone_errors(log_probs, utterance.phones) if spelt else PhoneErrors()
    if isinstance(recogniser, Body):
        return Score(phones)
    words = recogniser.begin_words()
    words.step(log_probs)
    said = [part for word in words.end() for part in words_in(word.text)]
    truth = words_in(utterance.text)
    return Score(phones, Levenshtein.distance(said, truth), len(truth))


def by_stratum(
    recogniser: Recogniser | Body, utterances: Iterable[Utterance], chunk_ms: int, unknown: Iterable[str] = ()
) -> dict[str, Score]:
    """Add up the scores of each stratum, and of all.

    Args:
        recogniser: what hears them.
        utterances: the recordings.
        chunk_ms: look-ahead.
        unknown: words that the lexicon lacks.
    """
    totals: dict[str, Score] = {}
    lacking = frozenset(unknown)
    for utterance in utterances:
        measured = score(recogniser, utterance, chunk_ms, spelt=lacking.isdisjoint(words_in(utterance.text)))
        for stratum in (utterance.stratum, "all"):
            totals[stratum] = totals[stratum] + measured if stratum in totals else measured
    return totals


def report(model: Path, manifest: Path, lexicon: Lexicon, *, chunk_ms: int, every: int, words: bool) -> str:
    """Measure a model on every n-th utterance of a manifest and draw a Markdown table.

    Every recording is scored on its words; those with a word that the lexicon lacks are not scored on phones.
    """
    recogniser = Recogniser.load(model) if words else Body.load(model)
    found = survey(manifest, lexicon, lambda _: _SOME_PHONES, longest_s=float("inf"))
    totals = by_stratum(recogniser, found.utterances[::every], chunk_ms, found.unknown)
    unspelt = sum(not found.unknown.keys().isdisjoint(words_in(one.text)) for one in found.utterances[::every])
    head = (
        f"{model.name} on {manifest.stem}, chunks of {chunk_ms} ms, every {every}. of {len(found.utterances)} "
        f"recordings (phones of {unspelt} not scored: a word is not in the lexicon)"
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

"""A manifest without transcripts becomes one with: the best method that answers labels each recording."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from engine.acoustic.body import Body, Listener
from engine.alphabet import words_in
from engine.phones import Lexicon
from engine.recogniser import SAMPLE_RATE, Recogniser
from engine.training.corpus import Utterance
from engine.training.importing.rows import number_of, read_rows
from engine.training.pseudo.books import Books
from engine.training.pseudo.constrained import sentence_label
from engine.training.pseudo.grammar import Grammar
from engine.training.pseudo.label import Heard, Label
from engine.training.pseudo.matching import last_row
from engine.training.pseudo.own_words import own_labels
from engine.training.pseudo.retrieval import passage_labels
from engine.training.reading import blocks_of
from engine.word_times import FRAME_SAMPLES


@dataclass(frozen=True, slots=True)
class Sources:
    """Where labels may come from."""

    lexicon: Lexicon
    books: Books | None = None
    grammar: Grammar | None = None
    own: Recogniser | None = None


@dataclass(frozen=True, slots=True)
class Yield:
    """What a method gave; ``errors`` of ``judged`` words are wrong where the manifest had a transcript."""

    labels: int = 0
    seconds: float = 0.0
    errors: int = 0
    judged: int = 0

    def __add__(self, other: Yield) -> Yield:
        return Yield(
            self.labels + other.labels,
            self.seconds + other.seconds,
            self.errors + other.errors,
            self.judged + other.judged,
        )

    @property
    def error_rate(self) -> float | None:
        """Wrong words a word of the transcripts; None where there is none."""
        return self.errors / self.judged if self.judged else None


def hear_manifest(path: Path, body: Body, chunk_ms: int) -> Iterator[Heard]:
    """Hear every recording of a manifest, or the part of it between ``start`` and ``end`` (seconds).

    Raises:
        TrainingError: a line is no entry, or its audio is missing or unreadable.
    """
    for where, entry in read_rows(path):
        if "audio" not in entry:
            continue  # the header of a test set
        start, end = (number_of(entry, edge, where) for edge in ("start", "end"))
        audio = (path.parent / str(entry["audio"])).resolve()
        first = round((start or 0.0) * SAMPLE_RATE)
        last = None if end is None else round(end * SAMPLE_RATE)
        span = Utterance(str(entry.get("id")), audio, "", (), "", "", first, last, entry.get("channel"))
        listener, samples, heard = Listener(body, chunk_ms), 0, []
        for block in blocks_of(span):
            samples += len(block)
            heard.append(listener.step(block))
        yield Heard(entry, audio, first, samples, np.concatenate([*heard, listener.end()]))


def label_all(recordings: Sequence[Heard], sources: Sources) -> list[list[Label]]:
    """Give the labels of each recording: by its grammar, else from a book, else by the recogniser."""
    labels: list[list[Label]] = [[] for _ in recordings]
    if sources.grammar is not None:
        for given, heard in zip(labels, recordings, strict=True):
            if "intent" in heard.entry and (label := sentence_label(heard, sources.grammar, sources.lexicon)):
                given.append(label)
    if sources.books is not None:
        rest = [place for place, given in enumerate(labels) if not given]
        found = passage_labels([recordings[place] for place in rest], sources.books)
        for place, label in found:
            labels[rest[place]].append(label)
    if sources.own is not None:
        for given, heard in zip(labels, recordings, strict=True):
            if not given:
                words = sources.own.begin_words()
                words.step(heard.log_probs)
                given.extend(own_labels(heard, words.end(heard.samples), sources.lexicon))
    return labels


def write_labels(out: Path, recordings: Sequence[Heard], labels: Iterable[Sequence[Label]]) -> None:
    """Write a manifest with an entry for every label; where that is a part of a recording, ``start`` and ``end``."""
    with out.open("w", encoding="utf-8") as manifest:
        for heard, given in zip(recordings, labels, strict=True):
            for number, label in enumerate(given):
                manifest.write(json.dumps(_entry(heard, label, number)) + "\n")


def judge(heard: Heard, labels: Sequence[Label]) -> Yield:
    """Measure the labels of a recording against its transcript, where it has one."""
    seconds = sum(label.last - label.first for label in labels) * FRAME_SAMPLES / SAMPLE_RATE
    truth = words_in(str(heard.entry.get("text") or ""))
    if not truth or not labels:
        return Yield(len(labels), seconds)
    if all(label.last - label.first == len(heard.log_probs) for label in labels):
        return Yield(len(labels), seconds, Levenshtein.distance(words_in(labels[0].text), truth), len(truth))
    parts = [words_in(label.text) for label in labels]
    errors = sum(_errors_within(said, truth) for said in parts)
    return Yield(len(labels), seconds, errors, sum(map(len, parts)))


def _errors_within(said: Sequence[str], truth: Sequence[str]) -> int:
    """Edits between words and the part of a transcript that is most like them."""
    numbers = {word: number for number, word in enumerate({*said, *truth})}
    query, text = (np.array([numbers[word] for word in words], np.int64) for words in (said, truth))
    return int(last_row(query, text, free=True).min())


def _entry(heard: Heard, label: Label, number: int) -> dict[str, object]:
    said = {"text": label.text, "pseudo": {"method": label.method, "confidence": round(label.confidence, 4)}}
    entry = {**heard.entry, "audio": str(heard.audio), **said}
    if label.first == 0 and label.last == len(heard.log_probs):
        return entry
    first = label.first * FRAME_SAMPLES
    last = heard.samples if label.last == len(heard.log_probs) else min(heard.samples, label.last * FRAME_SAMPLES)
    start, end = ((heard.start + sample) / SAMPLE_RATE for sample in (first, last))
    return {**entry, "id": f"{entry['id']}-{number}", "start": start, "end": end, "duration": end - start}

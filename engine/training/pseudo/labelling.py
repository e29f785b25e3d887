"""A manifest without transcripts becomes one with: the best method that answers labels each recording."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from rapidfuzz.distance import Levenshtein

from engine.body import Body, Listener
from engine.errors import ModelError
from engine.phones import Lexicon, words_of
from engine.recogniser import FRAME_SAMPLES, SAMPLE_RATE, Recogniser
from engine.training.corpus import load
from engine.training.pseudo.books import Books
from engine.training.pseudo.constrained import sentence_label
from engine.training.pseudo.grammar import Grammar
from engine.training.pseudo.label import Heard, Label
from engine.training.pseudo.matching import last_row
from engine.training.pseudo.own_words import own_labels
from engine.training.pseudo.retrieval import passage_labels


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
        ModelError: a line is no entry, or its audio is missing or unreadable.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
            audio = (path.parent / entry["audio"]).resolve()
            samples = load(audio)
        except (ValueError, KeyError, OSError, soundfile.LibsndfileError) as wrong:
            raise ModelError(f"{path}:{number}", f"no recording here ({wrong}); correct the manifest") from None
        span = _span(entry.get("start"), entry.get("end"), len(samples))
        listener = Listener(body, chunk_ms)
        log_probs = np.concatenate([listener.step(samples[span[0] : span[1]]), listener.end()])
        yield Heard(entry, audio, span, log_probs)


def _span(start: float | None, end: float | None, total: int) -> tuple[int, int]:
    last = total if end is None else min(total, round(end * SAMPLE_RATE))
    return min(last, round((start or 0.0) * SAMPLE_RATE)), last


def label_all(recordings: Sequence[Heard], sources: Sources) -> list[list[Label]]:
    """Give the labels of each recording: by its grammar, else from a book, else by the recogniser."""
    labels: list[list[Label]] = [[] for _ in recordings]
    if sources.grammar is not None:
        for given, heard in zip(labels, recordings, strict=True):
            if "intent" in heard.entry and (label := sentence_label(heard, sources.grammar, sources.lexicon)):
                given.append(label)
    if sources.books is not None:
        rest = [place for place, given in enumerate(labels) if not given]
        found = passage_labels([recordings[place] for place in rest], sources.books, sources.lexicon)
        for place, label in found:
            labels[rest[place]].append(label)
    if sources.own is not None:
        for given, heard in zip(labels, recordings, strict=True):
            if not given:
                search = sources.own.decoder.begin()
                search.step(heard.log_probs)
                given.extend(own_labels(heard, search.end(), sources.lexicon))
    return labels


def write_labels(out: Path, recordings: Sequence[Heard], labels: Iterable[Sequence[Label]]) -> None:
    """Write a manifest; parts of recordings become files of their own in a folder beside it."""
    with out.open("w", encoding="utf-8") as manifest:
        for heard, given in zip(recordings, labels, strict=True):
            for number, label in enumerate(given):
                manifest.write(json.dumps(_entry(out, heard, label, number)) + "\n")


def judge(heard: Heard, labels: Sequence[Label]) -> Yield:
    """Measure the labels of a recording against its transcript, where it has one."""
    seconds = sum(label.last - label.first for label in labels) * FRAME_SAMPLES / SAMPLE_RATE
    truth = words_of(str(heard.entry.get("text") or ""))
    if not truth or not labels:
        return Yield(len(labels), seconds)
    if all(label.last - label.first == len(heard.log_probs) for label in labels):
        return Yield(len(labels), seconds, Levenshtein.distance(words_of(labels[0].text), truth), len(truth))
    parts = [words_of(label.text) for label in labels]
    errors = sum(_errors_within(said, truth) for said in parts)
    return Yield(len(labels), seconds, errors, sum(map(len, parts)))


def _errors_within(said: Sequence[str], truth: Sequence[str]) -> int:
    """Edits between words and the part of a transcript that is most like them."""
    numbers = {word: number for number, word in enumerate({*said, *truth})}
    query, text = (np.array([numbers[word] for word in words], np.int64) for words in (said, truth))
    return int(last_row(query, text, free=True).min())


def _entry(out: Path, heard: Heard, label: Label, number: int) -> dict[str, object]:
    first, last = (min(heard.span[1], heard.span[0] + frame * FRAME_SAMPLES) for frame in (label.first, label.last))
    whole = label.first == 0 and label.last == len(heard.log_probs)
    entry = {key: value for key, value in heard.entry.items() if key not in ("start", "end")}
    entry["text"] = label.text
    entry["pseudo"] = {"method": label.method, "confidence": round(label.confidence, 4)}
    samples = load(heard.audio)
    if whole and heard.span == (0, len(samples)):
        return {**entry, "audio": str(heard.audio)}
    last = heard.span[1] if label.last == len(heard.log_probs) else last
    name = f"{entry['id']}-{number}"
    part = out.with_suffix("") / f"{name}.flac"
    part.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(part, samples[first:last], SAMPLE_RATE)
    place = str(part.relative_to(out.parent))
    return {**entry, "id": name, "audio": place, "duration": (last - first) / SAMPLE_RATE}

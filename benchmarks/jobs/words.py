"""Words: many utterances, one long pair, a million utterances, characters, timed words."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.race import Row, race
from harness.measures.counts import CharacterErrors, WordErrors
from harness.measures.words.batch import align_pairs, align_texts, character_errors_each
from harness.measures.words.timed import timed_word_errors
from testsets.transcript import Word

UTTERANCES, WORDS, LONG, TALK = 100_000, 12, 20_000, 11_000
MILLION = 1_000_000
RATE = 16_000
Texts = list[str]


def rows() -> list[Row]:
    """Every job of words, ours first."""
    rng = np.random.default_rng(1)
    said, heard = sentences(rng, UTTERANCES, WORDS)
    return [*_many(said, heard), *_characters(said, heard), *_long(rng), *_timed(rng), *_million()]


def sentences(rng: np.random.Generator, count: int, words: int) -> tuple[Texts, Texts]:
    """Texts of words as frequent as in speech, and the same with one word in ten wrong."""
    vocabulary = np.array([f"word{i}" for i in range(20_000)])
    said = vocabulary[np.minimum(rng.zipf(1.3, count * words), len(vocabulary)) - 1].reshape(count, words)
    kind = rng.choice(4, said.shape, p=[0.9, 0.04, 0.03, 0.03])
    heard = np.where(kind == 1, rng.choice(vocabulary, said.shape), said)
    heard = np.where(kind == 2, "", np.where(kind == 3, np.char.add(heard, " uh"), heard))
    return [" ".join(row) for row in said.tolist()], [" ".join(filter(None, row)) for row in heard.tolist()]


def _many(said: Texts, heard: Texts) -> list[Row]:
    def ours() -> WordErrors:
        return align_texts(said, heard).total()

    jiwer, kaldialign = _peer("jiwer"), _peer("kaldialign")
    if jiwer:
        theirs = jiwer.process_words(said, heard)
        expected = (theirs.substitutions, theirs.deletions, theirs.insertions)
        assert (ours().substitutions, ours().deletions, ours().insertions) == expected
    split = [text.split() for text in said], [text.split() for text in heard]
    contestants: dict[str, Callable[[], Any] | None] = {
        "understudy": ours,
        "jiwer.process_words": jiwer and (lambda: jiwer.process_words(said, heard)),
        "kaldialign.edit_distance, words ready": kaldialign
        and (lambda: [kaldialign.edit_distance(r, h) for r, h in zip(*split, strict=True)]),
        "rapidfuzz editops, words ready": _editops(*split),
    }
    notes = {"jiwer.process_words": "counts equal", "rapidfuzz editops, words ready": "not counted, not kept"}
    return race(f"WER with alignments, {UTTERANCES} x {WORDS} words", contestants, notes=notes)


def _editops(said: list[list[str]], heard: list[list[str]]) -> Callable[[], Any]:
    from rapidfuzz.distance import Levenshtein

    return lambda: [Levenshtein.editops(r, h) for r, h in zip(said, heard, strict=True)]


def _characters(said: Texts, heard: Texts) -> list[Row]:
    jiwer = _peer("jiwer")
    if jiwer:
        theirs, ours = jiwer.process_characters(said, heard), CharacterErrors()
        for counts in character_errors_each(said, heard):
            ours += counts
        expected = (theirs.substitutions, theirs.deletions, theirs.insertions)
        assert (ours.substitutions, ours.deletions, ours.insertions) == expected
    contestants: dict[str, Callable[[], Any] | None] = {
        "understudy": lambda: character_errors_each(said, heard),
        "jiwer.process_characters": jiwer and (lambda: jiwer.process_characters(said, heard)),
    }
    notes = {"jiwer.process_characters": "counts equal"}
    return race(f"CER, {UTTERANCES} x {WORDS} words", contestants, notes=notes)


def _long(rng: np.random.Generator) -> list[Row]:
    (said,), (heard,) = sentences(rng, 1, LONG)
    split = [said.split()], [heard.split()]
    jiwer = _peer("jiwer")
    contestants: dict[str, Callable[[], Any] | None] = {
        "understudy": lambda: align_pairs(*split).total(),
        "rapidfuzz editops": _editops(*split),
        "jiwer.process_words": jiwer and (lambda: jiwer.process_words(said, heard)),
    }
    return race(f"one pair of {LONG} words", contestants, rounds=9)


def _timed(rng: np.random.Generator) -> list[Row]:
    (text,), (other,) = sentences(rng, 1, TALK)
    collar = 5 * RATE
    said, heard = _spoken(rng, text.split()), _spoken(rng, other.split())
    contestants: dict[str, Callable[[], Any] | None] = {
        "understudy": lambda: timed_word_errors(said, heard, collar),
        "meeteval": _meeteval(said, heard, collar) if _peer("meeteval") else None,
    }
    if contestants["meeteval"]:
        theirs, ours = contestants["meeteval"](), timed_word_errors(said, heard, collar)
        assert (ours.substitutions, ours.deletions, ours.insertions) == (
            theirs.substitutions,
            theirs.deletions,
            theirs.insertions,
        )
    notes = {"meeteval": "counts equal"}
    return race(f"time-constrained WER, {TALK} words, collar 5 s", contestants, notes=notes)


def _spoken(rng: np.random.Generator, words: list[str]) -> list[Word]:
    """About three words a second."""
    starts = np.cumsum(rng.integers(RATE // 5, RATE // 2, len(words))).tolist()
    return [Word(text, start, start + RATE // 5) for text, start in zip(words, starts, strict=True)]


def _meeteval(said: list[Word], heard: list[Word], collar: int) -> Callable[[], Any]:
    from meeteval.io.seglst import SegLST
    from meeteval.wer.wer.time_constrained import time_constrained_siso_word_error_rate

    sides = [
        SegLST([{"words": w.text, "start_time": w.start, "end_time": w.end} for w in side]) for side in (said, heard)
    ]
    timing = {f"{side}_pseudo_word_level_timing": "none" for side in ("reference", "hypothesis")}
    return lambda: time_constrained_siso_word_error_rate(*sides, collar=collar, **timing)


def _million() -> list[Row]:
    """A process of its own reads a million utterances from two files; its peak memory is the figure."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("reference.txt", "hypothesis.txt")]
        rng = np.random.default_rng(2)
        with paths[0].open("w") as left, paths[1].open("w") as right:
            for _ in range(MILLION // UTTERANCES):
                for file, texts in zip((left, right), sentences(rng, UTTERANCES, WORDS), strict=True):
                    file.writelines(text + "\n" for text in texts)
        code = "import sys; from benchmarks.jobs.words import score_files; score_files(*sys.argv[1:])"
        command = [sys.executable, "-c", code, *map(str, paths)]
        seconds, mebibytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return [
        Row(f"WER with alignments kept, {MILLION} utterances", "understudy", float(seconds), f"{mebibytes} MiB peak")
    ]


def score_files(reference: str, hypothesis: str) -> None:
    """Print the seconds and the peak memory that two files of texts take."""
    begin = time.perf_counter()
    with Path(reference).open() as left, Path(hypothesis).open() as right:
        found = align_texts(left, right)
    assert len(found) == MILLION
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{time.perf_counter() - begin:.2f} {peak}")


def _peer(name: str) -> Any:
    return __import__(name) if find_spec(name) else None

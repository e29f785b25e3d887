"""Word times: recognised words beside forced alignment of what was said, and beside a synthesiser's own times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.recogniser.arms import FULL, Arm
from benchmarks.recogniser.bench import Bench
from benchmarks.recogniser.deciding import search
from benchmarks.recogniser.findings import Findings
from benchmarks.recogniser.known_times import VOICES, speak
from benchmarks.recogniser.listening import hear_all, log_probs_of
from benchmarks.recogniser.recordings import RATE, Recording
from engine.acoustic.frontend import features_of
from engine.decoder.words import DecodedWord
from engine.phones import Lexicon
from engine.recogniser import RecognisedWord
from engine.training.alignment import AlignedWord, align_text
from engine.word_times import spoken_times
from harness.measures.words.alignment import align

Times = tuple[tuple[float, float] | None, ...]  # seconds of each word, where known
_SENTENCES = 60


def beside_truth(bench: Bench, aligner: Arm | None = None) -> Findings:
    """Differences of the first arm's word times.

    Args:
        bench: its test and dev sets are aligned.
        aligner: whose alignment counts; None takes the first arm's model. It hears whole recordings.
    """
    best = replace(aligner or bench.arm, chunk_ms=FULL)
    rows: list[tuple[str, ...]] = []
    data: dict[str, list[float]] = {}
    for name in ("test", "dev"):
        truth = aligned(best, bench.recordings(name), bench)
        pairs = [
            pair
            for heard, times in zip(bench.heard(bench.arm, name), truth, strict=True)
            for pair in differences(heard.recording.words, times, heard.words)
        ]
        rows.append(_row(f"{name}, aligned by {best.folder.name}", pairs))
        data[name] = np.ravel(pairs).tolist()
    pairs = spoken(bench)
    rows.append(_row(f"flite ({', '.join(VOICES)}), its own times", pairs))
    data["flite"] = np.ravel(pairs).tolist()
    return Findings(
        "times",
        f"Word times of {bench.arm.name}, ms",
        ("truth", "words", "start off", "p90", "end off", "p90", "start bias / rest", "end bias / rest"),
        tuple(rows),
        (
            "Words that were recognised. Off is the median absolute difference; bias the median of recognised minus "
            "true, so above 0 is late; rest is what off would be without the bias. Alignment is by CTC Viterbi over "
            "all pronunciations with full look-ahead: it has the body's own habit of hearing phones as short peaks, "
            "which flite's times have not.",
        ),
        data={name: {"differences_ms": [round(1000 * one) for one in values]} for name, values in data.items()},
    )


def aligned(arm: Arm, recordings: Sequence[Recording], bench: Bench) -> list[Times]:
    """Forced alignment of every recording; no times where a word is not in the lexicon."""
    with arm.recogniser() as recogniser:
        log_probs = log_probs_of(recogniser.body, recordings, arm.chunk_ms, bench.cache)
    found: list[Times] = []
    for recording, rows in zip(recordings, log_probs, strict=True):
        placed = align_text(rows, recording.words, bench.lexicon)
        none: Times = (None,) * len(recording.words)
        found.append(none if placed is None else _seconds(placed))
    return found


def _seconds(placed: Iterable[AlignedWord]) -> Times:
    """When words were spoken, as the recogniser tells it of those that it heard in the same frames."""
    heard = [DecodedWord("", one.first, one.last, 1.0) for one in placed]
    return tuple((start / RATE, end / RATE) for start, end in spoken_times(heard, since=0, earliest=0))


def spoken(bench: Bench) -> list[tuple[float, float]]:
    """Differences on sentences of the rehearsal set that flite says anew."""
    lexicon: Lexicon = bench.lexicon
    sentences = {one.words for one in bench.recordings("rehearsal") if "conversation" not in one.stratum}
    chosen = [words for words in sorted(sentences) if all(word in lexicon for word in words)][:_SENTENCES]
    known = [speak(VOICES[place % len(VOICES)], words, lexicon) for place, words in enumerate(chosen)]
    pairs: list[tuple[float, float]] = []
    with bench.arm.recogniser() as recogniser:
        heard = hear_all(recogniser.body, [features_of(one.samples) for one in known], bench.arm.chunk_ms)
        for one, rows in zip(known, heard, strict=True):
            pairs += differences(one.words, one.times, search(recogniser.begin_words(), rows, bench.arm))
    return pairs


def differences(said: Sequence[str], times: Times, recognised: Sequence[RecognisedWord]) -> list[tuple[float, float]]:
    """Start and end of every recognised word that was said, minus the true ones, in seconds."""
    found: list[tuple[float, float]] = []
    for step in align(said, [word.text.lower() for word in recognised]):
        if step.kind != "equal" or step.reference is None or step.hypothesis is None:
            continue
        true, word = times[step.reference], recognised[step.hypothesis]
        if true is not None:
            found.append((word.start / RATE - true[0], word.end / RATE - true[1]))
    return found


def _row(name: str, pairs: Iterable[tuple[float, float]]) -> tuple[str, ...]:
    table = 1000 * np.array(list(pairs)).reshape(-1, 2)
    if not len(table):
        return (name, "0", *["-"] * 6)
    off, bias = np.abs(table), np.median(table, axis=0)
    spread = (f"{np.quantile(off[:, side], share):.0f}" for side in (0, 1) for share in (0.5, 0.9))
    left = (f"{one:+.0f} / {rest:.0f}" for one, rest in zip(bias, np.median(np.abs(table - bias), axis=0), strict=True))
    return (name, str(len(table)), *spread, *left)

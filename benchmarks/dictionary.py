"""What the dictionary of a session gains and costs: ``python -m benchmarks.dictionary --speech SPEECH``.

Keywords of spoken commands and made-up names, with and without their dictionary; false alarms on speech that holds none
of them; and how long a dictionary takes to build. Every recording goes through the body once, and is searched with and
without. Weights of ``engine.dictionary.bias`` may be chosen on the other half of the commands, and on names of another
seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time, thread_time

import numpy as np
import soundfile
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from engine.acoustic.body import hear
from engine.decoder.vocabulary import SessionWords
from engine.dictionary.entries import Entry, read_entries
from engine.phones import words_of
from engine.recogniser import SAMPLE_RATE, Recogniser
from engine.training.synthesis import draw_voice, speak

MODELS = Path(__file__).parent.parent / "engine" / "models"
CARRIERS = (
    "please call {} tomorrow morning", "I spoke to {} about the house", "is {} coming to the party",
    "send the letter to {} today", "we met {} at the station", "{} said that it was late",
)  # fmt: skip
ONSETS = (
    "b", "br", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "pr", "r", "s",
    "sh", "sk", "st", "t", "tr", "v", "w", "z",
)  # fmt: skip
VOWELS = ["a", "e", "i", "o", "u", "ai", "ee", "oo"]
ENDS = ["n", "r", "l", "s", "m", "k", "x", "th", "ndo", "vik", "ra", "li", "no"]
SEED, NAMES, SPOKEN = 2, 1_000, 90

Samples = NDArray[np.float32]
Words = tuple[str, ...]


@dataclass
class Found:
    """Keywords counted, and the words around them."""

    right: int = 0
    missed: int = 0
    false: int = 0
    errors: int = 0  # of words; only where the transcript is known
    words: int = 0
    search_s: float = 0.0  # CPU time
    audio_s: float = 0.0

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None without keywords."""
        total = 2 * self.right + self.missed + self.false
        return 2 * self.right / total if total else None


@dataclass(frozen=True)
class Case:
    """A recording: what of it is looked for, and its words where they are known."""

    log_probs: NDArray[np.float32]
    samples: int
    keywords: tuple[Words, ...]
    text: Words | None = None


def recording(path: Path) -> Samples:
    """Samples of a file at 16 kHz."""
    pcm, rate = soundfile.read(path, dtype="float32")
    if rate != SAMPLE_RATE:
        raise ValueError(f"{path}: {rate} Hz, expected {SAMPLE_RATE}; use the speech pack as it came")
    return np.asarray(pcm, np.float32)


def keywords_in(words: Words, keywords: frozenset[Words]) -> list[Words]:
    """Keywords of a transcript, longest first at every place, none overlapping another."""
    found, at, longest = [], 0, max(map(len, keywords))
    while at < len(words):
        sizes = (size for size in range(longest, 0, -1) if words[at : at + size] in keywords)
        size = next(sizes, 0)
        if size:
            found.append(words[at : at + size])
        at += size or 1
    return found


def search(
    recogniser: Recogniser, cases: Iterable[Case], keywords: frozenset[Words], dictionary: SessionWords | None
) -> Found:
    """Recognise all cases and count."""
    total = Found()
    for case in cases:
        began = thread_time()
        stream = recogniser.begin_words(dictionary=dictionary)
        stream.step(case.log_probs)
        said = tuple(part for word in stream.end(case.samples) for part in words_of(word.text))
        total.search_s += thread_time() - began
        total.audio_s += case.samples / SAMPLE_RATE
        wanted, heard = Counter(case.keywords), Counter(keywords_in(said, keywords))
        right = (wanted & heard).total()
        total.right += right
        total.missed += wanted.total() - right
        total.false += heard.total() - right
        if case.text is not None:
            total.errors += Levenshtein.distance(case.text, said)
            total.words += len(case.text)
    return total


def commands(recogniser: Recogniser, speech: Path, part: slice) -> tuple[list[Case], list[str]]:
    """Spoken coffee orders with their slot values, and all values there are."""
    rows = [json.loads(line) for line in (speech / "slots.jsonl").read_text("utf-8").splitlines()]
    cases = []
    for row in rows[part]:
        pcm = recording(speech / row["audio"])
        values = tuple(tuple(words_of(value)) for value in row["slots"].values())
        cases.append(Case(hear(recogniser.body, [pcm]), len(pcm), values))
    return cases, sorted({value for row in rows for value in row["slots"].values()})


def made_up(rng: np.random.Generator, count: int) -> list[str]:
    """Names that nobody has."""
    names: dict[str, None] = {}
    while len(names) < count:
        parts = [f"{rng.choice(ONSETS)}{rng.choice(VOWELS)}" for _ in range(rng.integers(1, 4))]
        names["".join([*parts, str(rng.choice(ENDS))]).capitalize()] = None
    return list(names)


def spoken_names(recogniser: Recogniser, rng: np.random.Generator, names: Sequence[str]) -> list[Case]:
    """The names in sentences, by voices that no training heard."""
    cases = []
    for place, name in enumerate(names):
        text = CARRIERS[place % len(CARRIERS)].format(name)
        pcm = speak(draw_voice(rng, held_out=True), text)
        cases.append(Case(hear(recogniser.body, [pcm]), len(pcm), ((name.lower(),),), tuple(words_of(text))))
    return cases


def plain_speech(recogniser: Recogniser, speech: Path, every: int) -> list[Case]:
    """Test recordings."""
    rows = [json.loads(line) for line in (speech / "test.jsonl").read_text("utf-8").splitlines()]
    cases = []
    for row in rows[::every]:
        pcm = recording(speech / row["audio"])
        cases.append(Case(hear(recogniser.body, [pcm]), len(pcm), (), tuple(words_of(row["text"]))))
    return cases


def with_true_keywords(cases: Iterable[Case], keywords: frozenset[Words]) -> list[Case]:
    """The keywords that transcripts hold, so that they are no false alarms."""
    return [
        Case(case.log_probs, case.samples, tuple(keywords_in(case.text or (), keywords)), case.text) for case in cases
    ]


def entries_of(contents: Sequence[str]) -> tuple[Entry, ...]:
    """A dictionary as a client sends it."""
    return read_entries(contents)[0]


def keyword_set(contents: Iterable[str]) -> frozenset[Words]:
    """Keywords as transcripts spell them."""
    return frozenset(tuple(words_of(content)) for content in contents)


def cpu_ms(call: Callable[[], object]) -> float:
    """Milliseconds of CPU time that a call takes."""
    began = process_time()
    call()
    return (process_time() - began) * 1e3


def build_times(recogniser: Recogniser, rng: np.random.Generator) -> dict[str, float]:
    """Median CPU time of dictionaries of 1,000 words: new ones, known ones, and one that was built before."""
    recogniser.dictionary(entries_of(["Zyzzyva"]))  # loads the speller, as a service does before it serves
    news = [entries_of(made_up(rng, 1_000)) for _ in range(5)]
    lexicon = recogniser.decoder.lexicon.words[1:]
    known = [entries_of(rng.choice(lexicon, 1_000, replace=False).tolist()) for _ in range(5)]
    return {
        "new_ms": float(np.median([cpu_ms(lambda e=e: recogniser.dictionary(e)) for e in news])),
        "known_ms": float(np.median([cpu_ms(lambda e=e: recogniser.dictionary(e)) for e in known])),
        "again_ms": float(np.median([cpu_ms(lambda e=e: recogniser.dictionary(e)) for e in news])),
    }


def row(name: str, found: Found) -> str:
    """A line of the table."""
    f1 = "-" if found.f1 is None else f"{found.f1:.3f}"
    wer = f"{100 * found.errors / found.words:.2f} %" if found.words else "-"
    hours, speed = found.audio_s / 3600, 1e3 * found.search_s / found.audio_s
    counts = f"{found.right} / {found.missed} / {found.false}"
    return f"| {name} | {f1} | {counts} | {found.false / hours:.1f} | {wer} | {speed:.2f} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"), help="the speech data pack")
    parser.add_argument("--model", default="reference-3", help="folder of engine/models")
    parser.add_argument("--every", type=int, default=4, help="take every n-th recording of test")
    parser.add_argument("--json", action="store_true", help="one object of counts instead of tables")
    chosen = parser.parse_args(arguments)
    recogniser = Recogniser.load(MODELS / chosen.model)
    rng = np.random.default_rng(SEED)
    orders, values = commands(recogniser, chosen.speech, slice(1, None, 2))
    names = made_up(rng, NAMES)
    calls = spoken_names(recogniser, rng, names[:SPOKEN])
    plain = plain_speech(recogniser, chosen.speech, chosen.every)
    results: dict[str, Found] = {}
    for what, cases, contents in (
        (f"commands, their {len(values)} values", orders, values),
        (f"made-up names, {SPOKEN} of them", calls, names[:SPOKEN]),
        (f"made-up names, {NAMES} of them", calls, names),
        (f"other speech, {len(values)} values", plain, values),
        (f"other speech, {NAMES} names", plain, names),
    ):
        keywords = keyword_set(contents)
        judged = cases if cases is not plain else with_true_keywords(cases, keywords)
        for how, dictionary in (("without", None), ("with", recogniser.dictionary(entries_of(contents)))):
            results[f"{what}, {how}"] = search(recogniser, judged, keywords, dictionary)
    times = build_times(recogniser, rng)
    if chosen.json:
        print(json.dumps({"found": {name: asdict(found) for name, found in results.items()}, "build": times}))
        return 0
    print("| speech and dictionary | F1 | right / missed / false | false an hour | WER | search, ms per s of audio |")
    print("|---|---|---|---|---|---|")
    print("\n".join(row(name, found) for name, found in results.items()))
    print("\nCPU time of a dictionary of 1,000 words: " + ", ".join(f"{n[:-3]} {ms:.1f} ms" for n, ms in times.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

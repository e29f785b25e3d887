"""Learn where marks stand: ``python -m engine.writing.learning REFERENCES TIMES OUT``.

REFERENCES is a folder of punctuated references (``*.nlp``), TIMES one of timed transcripts of the same
recordings (``*.ctm``, any recogniser's); words that both have in common lend their times to the references.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from scipy import sparse
from scipy.optimize import minimize

from engine.writing.marks import MARKS, UNHEARD, Gap, MarkModel, features, write_model
from engine.writing.sentences import mark_in
from engine.writing.style import Style
from testsets.formats import nlp

LEAST = 6  # times a feature must be seen
UNHEARD_SHARE = 0.5  # of the gaps are also learnt as they are before the next word is heard
DELAY, LONGEST_WAIT = 0.2, 4.0  # seconds
PENALTY = 1.0  # of squared weights
HELD_OUT = 5  # every fifth recording is for measuring
_SAME = {"!": ".", "…": ".", ";": ".", ":": ",", "-": ","}


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word of a reference, the mark after it, and the pause after it."""

    text: str
    mark: str  # one of MARKS
    pause: float | None  # seconds
    wait: float | None  # seconds until the next word has ended


def read_recording(reference: Path, times: Path) -> tuple[TimedWord, ...]:
    """The words of a reference with the pauses after them, None where the timed transcript disagrees."""
    tokens = [token for token in nlp.parse(reference.read_text(), str(reference), 1_000) if token.token[:1].isalnum()]
    timed = [line.split() for line in times.read_text().splitlines() if line.strip()]
    spans = [(float(start), float(start) + float(length)) for _, _, start, length, *_ in timed]
    found: dict[int, int] = {}
    matches = Levenshtein.opcodes([t.token.lower() for t in tokens], [fields[4].lower() for fields in timed])
    for step in matches:
        if step.tag == "equal":
            found |= dict(zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True))
    words = []
    for place, token in enumerate(tokens):
        here, there = found.get(place), found.get(place + 1)
        pause = wait = None
        if here is not None and there == here + 1:
            pause, wait = spans[there][0] - spans[here][1], spans[there][1] - spans[here][1]
        mark = _SAME.get(token.punctuation, token.punctuation)
        words.append(TimedWord(token.token, mark, pause, wait))
    return tuple(words)


def gaps(words: Sequence[TimedWord]) -> Iterator[tuple[Gap, str]]:
    """Every gap of a recording and the mark in it; the sentence before it is known."""
    texts = ["", *(word.text.lower() for word in words), UNHEARD, UNHEARD]
    start = 1
    for place, word in enumerate(words, start=1):
        opening = (texts[start], texts[start + 1] if start < place else UNHEARD)
        before, after = (texts[place - 1] if place > start else "", texts[place]), (texts[place + 1], texts[place + 2])
        yield Gap(before, after, word.pause, opening, place - start + 1), word.mark
        if word.mark in (".", "?"):
            start = place + 1


def unheard(words: Sequence[TimedWord], rng: random.Random) -> Iterator[tuple[Gap, str]]:
    """Some gaps again, as they are before the next word is heard: until it ended, and a recogniser's delay longer."""
    for (gap, mark), word in zip(gaps(words), words, strict=True):
        if word.wait is not None and rng.random() < UNHEARD_SHARE:
            so_far = rng.uniform(0.0, min(word.wait + DELAY, LONGEST_WAIT))
            yield replace(gap, after=(UNHEARD, UNHEARD), pause=so_far), mark


def fit(pairs: Sequence[tuple[Gap, str]]) -> dict[str, tuple[float, ...]]:
    """Maximum a posteriori weights of the features of gaps whose marks are known."""
    rows = [list(features(gap)) for gap, _ in pairs]
    counts = Counter(feature for row in rows for feature in row)
    names = sorted(name for name, count in counts.items() if count >= LEAST)
    number = {name: place for place, name in enumerate(names)}
    columns = [[number[feature] for feature in row if feature in number] for row in rows]
    indptr = np.cumsum([0, *(len(row) for row in columns)])
    data = np.ones(int(indptr[-1]), np.float64)
    design = sparse.csr_matrix((data, np.concatenate(columns), indptr), (len(rows), len(names)))
    truth = np.array([MARKS.index(mark) for _, mark in pairs])
    weights = _maximise(design, truth)
    return {name: tuple(np.round(weights[place], 2).tolist()) for name, place in number.items()}


def _maximise(design: sparse.csr_matrix, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    shape = (design.shape[1], len(MARKS))
    target = np.eye(len(MARKS))[truth]
    back = design.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape)
        scores = design @ weights
        scores -= scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        slope = back @ (np.exp(logs) - target) + PENALTY * weights
        return float(-(logs * target).sum() + 0.5 * PENALTY * (flat**2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 120})
    return np.asarray(found.x).reshape(shape)


def measure(model: MarkModel, pairs: Sequence[tuple[Gap, str]]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each mark, as a session that asks for nothing has them; earlier marks are known."""
    table: Counter[tuple[str, str]] = Counter()
    for gap, mark in pairs:
        told = mark_in(gap, model, Style())
        table[mark, "" if told is None else told.text] += 1
    out = {}
    for mark in MARKS[1:]:
        hit = table[mark, mark]
        said, true = sum(table[m, mark] for m in MARKS), sum(table[mark, m] for m in MARKS)
        f1 = 2 * hit / max(said + true, 1)
        out[mark] = {"precision": hit / max(said, 1), "recall": hit / max(true, 1), "f1": f1}
    return out


def main() -> None:
    """Learn from four fifths of the recordings, measure on the others, write the model and print the measures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("references", type=Path)
    parser.add_argument("times", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    names = sorted(path.stem for path in given.references.glob("*.nlp"))
    read = [read_recording(given.references / f"{n}.nlp", given.times / f"{n}.ctm") for n in names]
    learnt = [words for place, words in enumerate(read) if place % HELD_OUT]
    rng = random.Random(1)
    pairs = [pair for words in learnt for pair in gaps(words)]
    pairs += [pair for words in learnt for pair in unheard(words, rng)]
    weights = fit(pairs)
    write_model(given.out, weights)
    heard = [pair for words in read[::HELD_OUT] for pair in gaps(words)]
    early = [pair for words in read[::HELD_OUT] for pair in unheard(words, rng)]
    model = MarkModel(weights)
    print(json.dumps({"next word heard": measure(model, heard), "not yet": measure(model, early)}, indent=2))


if __name__ == "__main__":
    main()

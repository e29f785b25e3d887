"""Which punctuation mark follows a word: a small model of the words around the gap and of the pause in it.

Sentence ends and commas are classes of one softmax regression over indicator features, as in the hidden-event view of
punctuation (Source: Stolcke et al., "Automatic detection of sentence boundaries and disfluencies based on recognized
words", ICSLP 1998): words before and after, the pause between them, and how the sentence began.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from engine.writing.cardinals import is_number_word

MARKS = ("", ",", ".", "?")  # the classes of the model; the empty one is "no mark"
PAUSES = (0.02, 0.08, 0.16, 0.24, 0.32, 0.44, 0.6, 0.8, 1.1, 1.6)  # seconds: edges of the classes of pauses
LENGTHS = (3, 5, 8, 12, 18, 26, 40)  # words: edges of the classes of sentence lengths
UNHEARD = "?"  # a word that may come but has not been heard yet
MODEL = Path(__file__).parent / "english.npz"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Gap:
    """What is known where a mark may stand."""

    before: tuple[str, str]  # the last two words, "" where there is none
    after: tuple[str, str]  # the next two, UNHEARD where they are not known
    pause: float | None  # seconds so far; None if times are not known
    opening: tuple[str, str]  # the first two words of the sentence
    length: int  # words of the sentence so far


def features(gap: Gap) -> Iterator[str]:
    """The indicator features of a gap."""
    before, last = (_class(word) for word in gap.before)
    first, second = (_class(word) for word in gap.after)
    open_first, open_second = (_class(word) for word in gap.opening)
    ends = "u" if first == UNHEARD else "p"  # a pause that still lasts says less than one that ended
    pause = "?" if gap.pause is None else str(bisect_right(PAUSES, gap.pause))
    yield "1"
    yield f"{ends}:{pause}"
    yield f"l:{bisect_right(LENGTHS, gap.length)}"
    yield f"a:{last}"
    yield f"b:{first}"
    yield f"ab:{last} {first}"
    yield f"za:{before} {last}"
    yield f"bc:{first} {second}"
    yield f"o:{open_first}"
    yield f"oo:{open_first} {open_second}"


@dataclass(frozen=True, slots=True, eq=False)
class MarkModel:
    """Weights of the features, one for every mark, as natural log odds."""

    weights: Mapping[str, tuple[float, ...]]

    def probabilities(self, gap: Gap) -> Mapping[str, float]:
        """How probable each mark of MARKS is in a gap."""
        return _probabilities(self, gap)


@lru_cache(maxsize=16_384)  # partials ask about the same gaps again and again
def _probabilities(model: MarkModel, gap: Gap) -> Mapping[str, float]:
    known = [row for feature in features(gap) if (row := model.weights.get(feature)) is not None]
    scores = [sum(column) for column in zip(*known, strict=True)] or [0.0] * len(MARKS)
    highest = max(scores)
    odds = [math.exp(score - highest) for score in scores]
    total = sum(odds)
    return {mark: odd / total for mark, odd in zip(MARKS, odds, strict=True)}


@cache
def mark_model(path: Path = MODEL) -> MarkModel:
    """The model that is shipped, read once."""
    with np.load(path) as stored:
        if int(stored["format"]) != FORMAT:
            raise ValueError(f"{path}: version {int(stored['format'])} of the model, expected {FORMAT}; learn it again")
        names = str(stored["features"]).split("\n")
        rows = stored["weights"].astype(np.float64).tolist()
    return MarkModel({name: tuple(row) for name, row in zip(names, rows, strict=True)})


def write_model(path: Path, weights: Mapping[str, Sequence[float]]) -> None:
    """Write a model file.

    Args:
        weights: of each feature, in the order of MARKS.
    """
    np.savez_compressed(
        path,
        format=np.int32(FORMAT),
        features=np.array("\n".join(weights)),
        weights=np.array(list(weights.values()), np.float16),
    )


def _class(word: str) -> str:
    """Numbers are one word to the model: it learns of written ones and is asked about spoken ones."""
    return "#" if is_number_word(word) or word[:1].isdigit() else word

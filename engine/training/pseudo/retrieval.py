"""Labels from books: the passage that was read aloud, found by its phones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from engine.acoustic.body import LogProbs
from engine.training.pseudo.books import Books
from engine.training.pseudo.label import Heard, Label
from engine.training.pseudo.matching import Match, Phones, find_all
from engine.training.pseudo.scoring import ctc_scores
from engine.training.pseudo.stretch import Stretch, best_stretch, greedy_frames

_MARGIN = 60  # phones around a match in which its edges are sought
_EDGE = 3  # words by which an edge may move
_LOOSE = 6  # heard phones outside the passage from which on they are cut off


@dataclass(frozen=True, slots=True)
class PassageLimits:
    """When a passage is believed.

    Attributes:
        error_rate: most phone errors between what was heard and the passage, as a share of what was heard.
        lead: errors that the best passage must have fewer than any other, as a share of what was heard.
        lead_errors: and at least so many.
    """

    error_rate: float = 0.55
    lead: float = 0.1
    lead_errors: int = 4


def passage_labels(
    recordings: Sequence[Heard], books: Books, limits: PassageLimits | None = None
) -> Iterator[tuple[int, Label]]:
    """Yield the place and the label of every recording that was read from the books."""
    limits = limits or PassageLimits()
    tokens = [greedy_frames(heard.log_probs) for heard in recordings]
    queries = [phones for phones, _ in tokens]
    for place, matches in find_all(queries, books.phones, 5):
        if believed(queries[place], books.phones, matches, limits):
            label = _label(recordings[place], tokens[place], matches[0], books)
            if label is not None:
                yield place, label


def believed(query: Phones, text: Phones, matches: Sequence[Match], limits: PassageLimits) -> bool:
    """Tell whether the first match is good, and better than any other that is not the same words elsewhere."""
    if not matches or matches[0].errors > limits.error_rate * len(query):
        return False
    lead = max(limits.lead_errors, limits.lead * len(query))
    best = text[matches[0].start : matches[0].end]
    for other in matches[1:]:
        alike = Levenshtein.normalized_distance(best.tobytes(), text[other.start : other.end].tobytes()) < 0.2
        if not alike:
            return other.errors - matches[0].errors >= lead
    return len(matches) == 1  # a text too short for a second match


def _label(heard: Heard, tokens: tuple[Phones, npt.NDArray[np.int64]], match: Match, books: Books) -> Label | None:
    query, frames = tokens
    before = max(0, match.start - _MARGIN)
    stretch = best_stretch(query, books.phones[before : match.end + _MARGIN])
    first, last = _cut(stretch, frames, len(query), len(heard.log_probs))
    start, end = _whole_words(books, before + stretch.first, before + stretch.last)
    text = _best_edges(heard.log_probs[first:last], books, start, end)
    return Label(text, "book", 1 - match.errors / len(query), first, last) if text else None


def _cut(stretch: Stretch, frames: npt.NDArray[np.int64], phones: int, total: int) -> tuple[int, int]:
    """Where the passage starts and ends: at an edge of the recording unless much was heard outside of it."""
    first, last = 0, total
    if stretch.query_first >= _LOOSE:
        first = int(frames[stretch.query_first - 1] + frames[stretch.query_first] + 1) // 2
    if phones - stretch.query_last >= _LOOSE:
        last = int(frames[stretch.query_last - 1] + frames[stretch.query_last] + 1) // 2
    return first, last


def _whole_words(books: Books, first: int, last: int) -> tuple[int, int]:
    """The words that have at least half of their phones between two phones."""
    start, end = books.word_at(first), books.word_at(max(first, last - 1))
    start += 2 * first > books.offsets[start] + books.offsets[start + 1]
    end += 2 * last >= books.offsets[end] + books.offsets[end + 1]
    return start, max(start, end)


def _best_edges(log_probs: LogProbs, books: Books, start: int, end: int) -> str:
    """Move both edges by a few words to where the body likes the passage best; empty where it cannot be spelt."""
    total = len(books.words)
    starts = range(max(0, start - _EDGE), min(total, start + _EDGE + 1))
    ends = range(max(0, end - _EDGE), min(total, end + _EDGE + 1))
    spans = [(one, other) for one in starts for other in ends if books.offsets[one] < books.offsets[other]]
    if not spans:
        return ""
    scores = ctc_scores(log_probs, [books.phones[books.offsets[one] : books.offsets[other]] for one, other in spans])
    return books.text(*spans[int(scores.argmax())])

"""Alignment by words and times: words may face each other only where they were spoken at about the same time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.errors import EvidenceError
from harness.measures.counts import WordErrors
from harness.measures.words.alignment import Step
from kernels.timed_edit_distance import Words, band, pairing
from testsets.transcript import Word

_MOST_CELLS = 500_000_000  # a byte each


def align_timed(reference: Sequence[Word], hypothesis: Sequence[Word], collar: int) -> tuple[Step, ...]:
    """The cheapest edit script with unit costs in which equal and substituted words overlap in time.

    Args:
        reference: normalised words in their order, each with its times.
        hypothesis: likewise, times at the same rate.
        collar: samples by which every hypothesis word is widened on both sides.

    Raises:
        EvidenceError: a word has no times, or so many may face each other that memory would not hold it.

    Source: the time-constrained word error rate of meeteval, with the same counts. sclite -T minimises time
    differences instead of errors and so may align a right word as wrong.
    """
    numbers: dict[str, int] = {}
    said, heard = _words(reference, "reference", 0, numbers), _words(hypothesis, "hypothesis", collar, numbers)
    first, last = band(said, heard)
    if int((last - first).sum()) > _MOST_CELLS:
        what = (
            f"{len(said.ids)} words against {len(heard.ids)} may face each other almost anywhere: give a shorter collar"
        )
        raise EvidenceError("alignment", what)
    return _steps(said.ids, heard.ids, pairing(said, heard))


def timed_word_errors(reference: Sequence[Word], hypothesis: Sequence[Word], collar: int) -> WordErrors:
    """The counts of ``align_timed``: time-constrained word errors of one speaker (or of speakers taken together)."""
    kinds = [step.kind for step in align_timed(reference, hypothesis, collar)]
    return WordErrors(kinds.count("substitute"), kinds.count("delete"), kinds.count("insert"), len(reference))


def _words(words: Sequence[Word], side: str, collar: int, numbers: dict[str, int]) -> Words:
    ids, spans = [], []
    for place, word in enumerate(words):
        if word.start is None or word.end is None:
            what = f"word {place + 1} ({word.text!r}) has no times; align by words alone, or bring times for all"
            raise EvidenceError(side, what)
        ids.append(numbers.setdefault(word.text, len(numbers)))
        spans.append((word.start - collar, word.end + collar))
    times = np.array(spans, np.int64).reshape(len(spans), 2)
    return Words(np.array(ids, np.int32), times[:, 0].copy(), times[:, 1].copy())


def _steps(said: NDArray[np.int32], heard: NDArray[np.int32], pairs: NDArray[np.int32]) -> tuple[Step, ...]:
    found: list[Step] = []
    h = 0
    for r, partner in enumerate(pairs.tolist()):
        if partner >= 0:
            found += [Step("insert", None, place) for place in range(h, partner)]
            found.append(Step("equal" if said[r] == heard[partner] else "substitute", r, partner))
            h = partner + 1
        else:
            found.append(Step("delete", r, None))
    return (*found, *(Step("insert", None, place) for place in range(h, len(heard))))

"""Word-level alignment of a hypothesis with a reference: the cheapest edit script, and what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from harness.measures.counts import CharacterErrors, WordErrors


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an edit script; positions index the two word sequences, None where a side has no word."""

    kind: str  # "equal", "substitute", "delete", "insert"
    reference: int | None
    hypothesis: int | None


def align(reference: Sequence[str], hypothesis: Sequence[str]) -> tuple[Step, ...]:
    """The cheapest edit script with unit costs, in order, equal words included.

    Source: Levenshtein (1966), through rapidfuzz; the same script as jiwer's, so the same counts.
    """
    steps: list[Step] = []
    for code in Levenshtein.opcodes(reference, hypothesis):
        if code.tag in ("equal", "replace"):
            kind = "equal" if code.tag == "equal" else "substitute"
            pairs = zip(range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=True)
            steps.extend(Step(kind, r, h) for r, h in pairs)
        elif code.tag == "delete":
            steps.extend(Step("delete", r, None) for r in range(code.src_start, code.src_end))
        else:
            steps.extend(Step("insert", None, h) for h in range(code.dest_start, code.dest_end))
    return tuple(steps)


def word_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> WordErrors:
    """Count word errors; both sides are normalised words."""
    return WordErrors(*_count(reference, hypothesis), len(reference))


def character_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> CharacterErrors:
    """Count character errors of the words joined by single spaces; both sides are normalised words."""
    before, after = " ".join(reference), " ".join(hypothesis)
    return CharacterErrors(*_count(before, after), len(before))


def _count(reference: Sequence[str], hypothesis: Sequence[str]) -> tuple[int, int, int]:
    tags = [edit.tag for edit in Levenshtein.editops(reference, hypothesis)]
    return tags.count("replace"), tags.count("delete"), tags.count("insert")

"""Word-level alignment of a hypothesis with a reference: the cheapest edit script, and what it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import Levenshtein

from harness.measures.counts import CharacterErrors, WordErrors


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an edit script; positions index the two word sequences, None where a side has no word."""

    kind: str  # "equal", "substitute", "delete", "insert"
    reference: int | None
    hypothesis: int | None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring steps of one kind; half-open ranges of positions."""

    kind: str  # as Step's
    reference: tuple[int, int]
    hypothesis: tuple[int, int]


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


def chunks(steps: Iterable[Step]) -> tuple[Chunk, ...]:
    """An edit script in as few pieces as it has; the same chunks as jiwer's."""
    found: list[Chunk] = []
    r = h = 0
    for kind, group in groupby(steps, key=lambda step: step.kind):
        members = list(group)
        begin = r, h
        r += sum(step.reference is not None for step in members)
        h += sum(step.hypothesis is not None for step in members)
        found.append(Chunk(kind, (begin[0], r), (begin[1], h)))
    return tuple(found)


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

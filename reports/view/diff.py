"""Reference, champion and candidate under each other, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from harness.results import DiffOp, EdgeCase

CONTEXT = 6  # equal words kept on either side of a difference
SHORTEST_GAP = 4  # fewer equal words than this are not worth hiding

SYMBOLS = {"equal": "", "substitute": "≠", "delete": "−", "insert": "+"}
EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of one recogniser, or the place where one is missing."""

    kind: str  # of DiffOp, or "plain" where nothing was aligned
    text: str  # a deletion shows the word that is missing
    symbol: str


@dataclass(frozen=True, slots=True)
class Column:
    """What stands under each other; ``gap`` counts hidden equal words instead."""

    reference: str | None
    champion: Token | None
    candidate: Token | None
    gap: int = 0

    @property
    def differs(self) -> bool:
        return any(
            token is not None and token.kind not in (EQUAL, "plain") for token in (self.champion, self.candidate)
        )


def columns(edge: EdgeCase) -> tuple[Column, ...]:
    """The alignment of an edge case, long equal stretches hidden."""
    if edge.reference is not None and (edge.champion_diff or edge.candidate_diff):
        return elide(_three_rows(edge.champion_diff, edge.candidate_diff))
    if edge.candidate_diff:
        return elide([_two_rows(op) for op in edge.candidate_diff])
    return ()


def elide(found: Sequence[Column]) -> tuple[Column, ...]:
    """Hide equal stretches that are far from every difference."""
    near = {j for i, c in enumerate(found) if c.differs for j in range(i - CONTEXT, i + CONTEXT + 1)}
    kept: list[Column] = []
    hidden: list[Column] = []
    for i, column in enumerate(found):
        if i in near:
            kept.extend(_closed(hidden))
            hidden = []
            kept.append(column)
        else:
            hidden.append(column)
    return (*kept, *_closed(hidden))


def _closed(hidden: Sequence[Column]) -> Sequence[Column]:
    return hidden if len(hidden) < SHORTEST_GAP else (Column(None, None, None, gap=len(hidden)),)


def _three_rows(champion: Sequence[DiffOp], candidate: Sequence[DiffOp]) -> list[Column]:
    """Both alignments have the reference in common: its words are the columns, insertions stand between them."""
    left, right = _slots(champion), _slots(candidate)
    found: list[Column] = []
    for a, b in zip_longest(left, right, fillvalue=((), None)):
        for one, two in zip_longest(a[0], b[0]):
            found.append(Column(None, _token(one), _token(two)))
        word = next((op.before for op in (a[1], b[1]) if op is not None), None)
        if word is not None:
            found.append(Column(word, _token(a[1]), _token(b[1])))
    return found


def _slots(ops: Sequence[DiffOp]) -> list[tuple[tuple[DiffOp, ...], DiffOp | None]]:
    """For each reference word what was inserted before it and what became of it; the last slot has no word."""
    slots: list[tuple[tuple[DiffOp, ...], DiffOp | None]] = []
    inserted: list[DiffOp] = []
    for op in ops:
        if op.kind == "insert":
            inserted.append(op)
        else:
            slots.append((tuple(inserted), op))
            inserted = []
    return [*slots, (tuple(inserted), None)]


def _two_rows(op: DiffOp) -> Column:
    base = None if op.before is None else Token(EQUAL, op.before, "")
    return Column(None, base, _token(op))


def _token(op: DiffOp | None) -> Token | None:
    if op is None:
        return None
    return Token(op.kind, op.after or op.before or "", SYMBOLS.get(op.kind, ""))

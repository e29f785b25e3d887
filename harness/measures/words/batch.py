"""Many alignments at once: counts and edit scripts in flat arrays, a case at a time or summed.

Both sides may be generators: only a block of them is ever held, so that millions of cases need little memory. Blocks
of many pairs are compiled (kernels.edit_distance); few pairs, and pairs too long for bit matrices, go through
rapidfuzz, which gives the same scripts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from harness.measures.counts import CharacterErrors, WordErrors
from harness.measures.words.alignment import Step
from harness.measures.words.tokens import CHARACTERS, TEXTS, WORDS, Form
from kernels.edit_distance import DELETE, EQUAL, INSERT, SUBSTITUTE

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

_BLOCK = 32_768  # pairs held at once
_FEW = 8_192  # pairs for which loading the compiled kernel does not pay
_CODES = {"replace": SUBSTITUTE, "delete": DELETE, "insert": INSERT}
_KINDS = {EQUAL: "equal", SUBSTITUTE: "substitute", DELETE: "delete", INSERT: "insert"}


@dataclass(frozen=True, slots=True)
class Alignments:
    """Edit scripts of many pairs, in order."""

    counts: I32  # (P, 4) equal, substituted, deleted, inserted
    codes: U8  # a code a step (kernels.edit_distance), all pairs one after the other
    begin: I64  # (P + 1,) pair p owns codes[begin[p] : begin[p + 1]]

    def __len__(self) -> int:
        return len(self.counts)

    def steps(self, pair: int) -> tuple[Step, ...]:
        """One pair's edit script, as ``align`` gives it."""
        found: list[Step] = []
        r = h = 0
        for code in self.codes[self.begin[pair] : self.begin[pair + 1]].tolist():
            found.append(Step(_KINDS[code], r if code != INSERT else None, h if code != DELETE else None))
            r += code != INSERT
            h += code != DELETE
        return tuple(found)

    def hits(self, pair: int) -> int:
        """Equal tokens of one pair."""
        return int(self.counts[pair, EQUAL])

    def word_errors(self, pair: int) -> WordErrors:
        """One pair's counts."""
        return _word_errors(self.counts[pair].tolist())

    def each(self) -> list[WordErrors]:
        """Every pair's counts."""
        return [_word_errors(row) for row in self.counts.tolist()]

    def total(self) -> WordErrors:
        """The counts of all pairs together."""
        return _word_errors(self.counts.sum(axis=0, dtype=np.int64).tolist())


def align_pairs(references: Iterable[Sequence[str]], hypotheses: Iterable[Sequence[str]]) -> Alignments:
    """The cheapest edit script of every pair; scripts and counts equal those of ``align`` and of jiwer.

    Args:
        references: normalised words of each case.
        hypotheses: likewise, as many.

    Raises:
        ValueError: one side has more cases than the other.
    """
    return _aligned(references, hypotheses, WORDS)


def align_texts(references: Iterable[str], hypotheses: Iterable[str]) -> Alignments:
    """``align_pairs`` of normalised texts: words are what white space separates; the quickest way from text to counts.

    Raises:
        ValueError: one side has more cases than the other.
    """
    return _aligned(references, hypotheses, TEXTS)


def character_errors_each(references: Iterable[str], hypotheses: Iterable[str]) -> list[CharacterErrors]:
    """Character errors of every pair of texts (words joined by single spaces).

    Raises:
        ValueError: one side has more cases than the other.
    """
    counts = _aligned(references, hypotheses, CHARACTERS).counts
    return [CharacterErrors(s, d, i, e + s + d) for e, s, d, i in counts.tolist()]


def _word_errors(row: list[int]) -> WordErrors:
    equal, substituted, deleted, inserted = row
    return WordErrors(substituted, deleted, inserted, equal + substituted + deleted)


def _aligned(references: Iterable[Any], hypotheses: Iterable[Any], form: Form) -> Alignments:
    parts = [
        _few(said, heard, form) if len(said) <= _FEW else _many(said, heard, form)
        for said, heard in _blocks(references, hypotheses)
    ]
    if not parts:
        return _joined(np.zeros((0, 4), np.int32), np.zeros(0, np.uint8))
    return _joined(np.concatenate([p.counts for p in parts]), np.concatenate([p.codes for p in parts]))


def _blocks(references: Iterable[Any], hypotheses: Iterable[Any]) -> Iterator[tuple[list[Any], list[Any]]]:
    left, right, seen = iter(references), iter(hypotheses), 0
    while True:
        said, heard = list(islice(left, _BLOCK)), list(islice(right, _BLOCK))
        if len(said) != len(heard):
            at = f"{seen + len(said)} and {seen + len(heard)}"
            raise ValueError(f"references and hypotheses differ in number ({at}): pair them by id first")
        if not said:
            return
        seen += len(said)
        yield said, heard


def _few(said: list[Any], heard: list[Any], form: Form) -> Alignments:
    scripts = [_script(form.parts(r), form.parts(h)) for r, h in zip(said, heard, strict=True)]
    counts = np.array([[s.count(code) for code in range(4)] for s in scripts], np.int32)
    return _joined(counts, np.frombuffer(b"".join(scripts), np.uint8))


def _many(said: list[Any], heard: list[Any], form: Form) -> Alignments:
    from kernels.edit_distance.cpu import CELLS, LONGEST, scratch, scripts

    (reference, rows), (hypothesis, columns), vocabulary = form.encode(said, heard)
    short = (rows <= LONGEST) & (columns * rows < CELLS)
    chosen = np.flatnonzero(short)
    memory = scratch(vocabulary, int(rows[short].max(initial=0)), int(columns[short].max(initial=0)))
    counts = np.zeros((len(said), 4), np.int32)
    codes = np.empty(int((rows + columns)[short].sum()), np.uint8)
    ends = np.empty(len(chosen), np.int64)
    written = scripts(
        reference, _begins(rows), hypothesis, _begins(columns), chosen, memory, counts, codes, ends
    )  # fmt: skip
    if len(chosen) == len(said):
        return _joined(counts, codes[:written].copy())
    pieces, done = [], 0
    for pair in np.flatnonzero(~short).tolist():
        before = int(np.searchsorted(chosen, pair))
        upto = int(ends[before - 1]) if before else 0
        long = _script(form.parts(said[pair]), form.parts(heard[pair]))
        counts[pair] = [long.count(code) for code in range(4)]
        pieces += [codes[done:upto], np.frombuffer(long, np.uint8)]
        done = upto
    return _joined(counts, np.concatenate([*pieces, codes[done:written]]))


def _joined(counts: I32, codes: U8) -> Alignments:
    return Alignments(counts, codes, _begins(counts.sum(axis=1, dtype=np.int64)))


def _begins(lengths: I64) -> I64:
    return np.concatenate([[0], np.cumsum(lengths)])


def _script(reference: Sequence[str], hypothesis: Sequence[str]) -> bytes:
    """One pair's codes through rapidfuzz."""
    codes, at = bytearray(), 0
    for edit in Levenshtein.editops(reference, hypothesis):
        source = edit.src_pos
        codes += bytes(source - at)  # EQUAL is 0
        codes.append(_CODES[edit.tag])
        at = source + (edit.tag != "insert")
    codes += bytes(len(reference) - at)
    return bytes(codes)

"""Many alignments at once: counts and edit scripts in flat arrays, a case at a time or summed.

Both sides may be generators: only a block of them is ever held, so that millions of cases need little memory. Blocks
of many pairs are compiled (kernels.edit_distance); few pairs, and pairs too long for bit matrices, go through
rapidfuzz, which gives the same scripts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count, islice

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from harness.measures.counts import CharacterErrors, WordErrors
from harness.measures.words.alignment import Step
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
    return _aligned(references, hypotheses, _tokens_of_words)


def character_errors_each(references: Iterable[str], hypotheses: Iterable[str]) -> list[CharacterErrors]:
    """Character errors of every pair of texts (words joined by single spaces).

    Raises:
        ValueError: one side has more cases than the other.
    """
    counts = _aligned(references, hypotheses, _tokens_of_texts).counts
    return [CharacterErrors(s, d, i, e + s + d) for e, s, d, i in counts.tolist()]


def _word_errors(row: list[int]) -> WordErrors:
    equal, substituted, deleted, inserted = row
    return WordErrors(substituted, deleted, inserted, equal + substituted + deleted)


_Side = Sequence[Sequence[str]]  # words of each case, or a text for each
_Encode = Callable[[_Side, _Side], tuple[I32, I32, int]]


def _aligned(references: Iterable[Sequence[str]], hypotheses: Iterable[Sequence[str]], encode: _Encode) -> Alignments:
    parts = [
        _few(said, heard) if len(said) <= _FEW else _many(said, heard, encode)
        for said, heard in _blocks(references, hypotheses)
    ]
    if not parts:
        return Alignments(np.zeros((0, 4), np.int32), np.zeros(0, np.uint8), np.zeros(1, np.int64))
    counts = np.concatenate([part.counts for part in parts])
    begin = np.concatenate([[0], np.cumsum(counts.sum(axis=1, dtype=np.int64))])
    return Alignments(counts, np.concatenate([part.codes for part in parts]), begin)


def _blocks(
    references: Iterable[Sequence[str]], hypotheses: Iterable[Sequence[str]]
) -> Iterator[tuple[list[Sequence[str]], list[Sequence[str]]]]:
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


def _few(said: _Side, heard: _Side) -> Alignments:
    scripts = [_script(r, h) for r, h in zip(said, heard, strict=True)]
    counts = np.array([[s.count(code) for code in range(4)] for s in scripts], np.int32)
    return _joined(counts, np.frombuffer(b"".join(scripts), np.uint8))


def _many(said: _Side, heard: _Side, encode: _Encode) -> Alignments:
    from kernels.edit_distance.cpu import CELLS, LONGEST, scratch, scripts

    rows, columns = (np.fromiter(map(len, side), np.int64, len(side)) for side in (said, heard))
    short = (rows <= LONGEST) & (columns * rows < CELLS)
    chosen = np.flatnonzero(short)
    reference, hypothesis, vocabulary = encode(said, heard)
    memory = scratch(vocabulary, int(rows[short].max(initial=0)), int(columns[short].max(initial=0)))
    counts = np.zeros((len(said), 4), np.int32)
    codes = np.empty(int((rows + columns)[short].sum()), np.uint8)
    ends = np.empty(len(chosen), np.int64)
    begins = (np.concatenate([[0], np.cumsum(lengths)]) for lengths in (rows, columns))
    written = scripts(reference, next(begins), hypothesis, next(begins), chosen, memory, counts, codes, ends)
    if len(chosen) == len(said):
        return _joined(counts, codes[:written].copy())
    pieces, done = [], 0
    for pair in np.flatnonzero(~short).tolist():
        before = int(np.searchsorted(chosen, pair))
        upto = int(ends[before - 1]) if before else 0
        long = _script(said[pair], heard[pair])
        counts[pair] = [long.count(code) for code in range(4)]
        pieces += [codes[done:upto], np.frombuffer(long, np.uint8)]
        done = upto
    return _joined(counts, np.concatenate([*pieces, codes[done:written]]))


def _joined(counts: I32, codes: U8) -> Alignments:
    return Alignments(counts, codes, np.concatenate([[0], np.cumsum(counts.sum(axis=1, dtype=np.int64))]))


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


def _tokens_of_words(said: _Side, heard: _Side) -> tuple[I32, I32, int]:
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    left, right = (np.fromiter(map(numbers.__getitem__, chain.from_iterable(s)), np.int32) for s in (said, heard))
    return left, right, len(numbers)


def _tokens_of_texts(said: _Side, heard: _Side) -> tuple[I32, I32, int]:
    left, right = (_code_points(side) for side in (said, heard))
    return left, right, max(int(left.max(initial=0)), int(right.max(initial=0))) + 1


def _code_points(texts: _Side) -> I32:
    joined = bytearray("".join(map(str, texts)).encode("utf-32-le", "surrogatepass"))
    return np.frombuffer(joined, np.int32)

"""Punctuation and capitals apart from the words: what a reader sees beyond the word error rate."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from harness.measures.counts import Share, WordErrors
from harness.measures.words.alignment import Step, align
from harness.measures.words.values import Detections

_ALIKE = {
    ".": ".。｡।۔",
    ",": ",，、،､",
    "?": "?？؟",
    "!": "!！",
    ";": ";；؛",
    ":": ":：",
    "…": "…",
    "-": "-‐‑–—―",
    '"': '"“”„«»「」『』‟〝〞',
    "'": "'‘’‚‹›",
    "(": "(（[［{",
    ")": ")）]］}",
    "¿": "¿",
    "¡": "¡",
}
_MARKS = MappingProxyType({char: mark for mark, chars in _ALIKE.items() for char in chars})
_EDGES = "".join(_MARKS)


@dataclass(frozen=True, slots=True)
class WrittenErrors:
    """Punctuation marks found, missed and made up, and capitals of the words that came out right."""

    marks: Mapping[str, Detections] = field(default_factory=dict)  # only marks that occur
    case: Share = field(default_factory=Share)  # right words that have capitals or small letters
    words: WordErrors = field(default_factory=WordErrors)  # the alignment underneath: case folded, no marks

    def __add__(self, other: WrittenErrors) -> WrittenErrors:
        return WrittenErrors(_sum(self.marks, other.marks), self.case + other.case, self.words + other.words)

    @property
    def punctuation(self) -> Detections:
        """All marks together."""
        return sum(self.marks.values(), Detections())


@dataclass(frozen=True, slots=True)
class _Written:
    """A text as words and the marks in the gaps around them."""

    cores: tuple[str, ...]
    folded: tuple[str, ...]
    gaps: tuple[Counter[str], ...]  # one before each word, and one at the end

    @classmethod
    def of(cls, text: str) -> _Written:
        cores: list[str] = []
        gaps: list[Counter[str]] = [Counter()]
        for token in unicodedata.normalize("NFC", text).split():
            core = token.strip(_EDGES)
            head, tail = token.partition(core)[::2] if core else (token, "")
            gaps[-1].update(_marks(head))
            if core:
                cores.append(core)
                gaps.append(Counter(_marks(tail)))
        return cls(tuple(cores), tuple(unicodedata.normalize("NFKC", c).casefold() for c in cores), tuple(gaps))


def punctuation_case_errors(reference: str, hypothesis: str) -> WrittenErrors:
    """Compare two written texts: marks between aligned words, and capitals of right words.

    Words are aligned with case folded and marks taken off their edges (marks within a word, as in ``3.5`` or ``don't``,
    belong to it). Marks are compared place by place: a place lies between two neighbouring pairs of aligned words, so
    that marks beside words that were dropped or made up are compared there too. Typographic variants are one mark.

    Args:
        reference: text with its punctuation and capitals.
        hypothesis: likewise.
    """
    said, heard = _Written.of(reference), _Written.of(hypothesis)
    steps = align(said.folded, heard.folded)
    cased = [pair for pair in _right(said, heard, steps) if any(core.lower() != core.upper() for core in pair)]
    kinds = [step.kind for step in steps]
    return WrittenErrors(
        _compared(said, heard, steps),
        Share(sum(a != b for a, b in cased), len(cased)),
        WordErrors(kinds.count("substitute"), kinds.count("delete"), kinds.count("insert"), len(said.cores)),
    )


def _marks(edge: str) -> list[str]:
    return [_MARKS[char] for char in edge.replace("...", "…")]


def _right(said: _Written, heard: _Written, steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [
        (said.cores[step.reference], heard.cores[step.hypothesis])
        for step in steps
        if step.kind == "equal" and step.reference is not None and step.hypothesis is not None
    ]


def _compared(said: _Written, heard: _Written, steps: tuple[Step, ...]) -> Mapping[str, Detections]:
    found: Mapping[str, Detections] = {}
    wanted, got = Counter(said.gaps[0]), Counter(heard.gaps[0])
    for step in steps:
        if step.reference is not None and step.hypothesis is not None:
            found = _sum(found, _place(wanted, got))
            wanted, got = Counter(), Counter()
        if step.reference is not None:
            wanted += said.gaps[step.reference + 1]
        if step.hypothesis is not None:
            got += heard.gaps[step.hypothesis + 1]
    return _sum(found, _place(wanted, got))


def _place(wanted: Counter[str], got: Counter[str]) -> Mapping[str, Detections]:
    found = {}
    for mark in wanted | got:
        hits = min(wanted[mark], got[mark])
        found[mark] = Detections(hits, wanted[mark] - hits, got[mark] - hits)
    return found


def _sum(a: Mapping[str, Detections], b: Mapping[str, Detections]) -> Mapping[str, Detections]:
    return {**a, **{mark: a.get(mark, Detections()) + value for mark, value in b.items()}} if b else a

"""How two recognisers' words differ, as counts; a live indicator, not a verdict: no reference says who is right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from testsets.transcript import Word

_MARKS = ".,;:!?\"'()[]…"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Edits between the champion's final words and the candidate's."""

    edits: int = 0  # substitutions, insertions and deletions of the cheapest alignment
    champion: int = 0  # words
    candidate: int = 0  # words

    def __add__(self, other: Disagreement) -> Disagreement:
        return Disagreement(self.edits + other.edits, self.champion + other.champion, self.candidate + other.candidate)

    @property
    def rate(self) -> float | None:
        """Edits over the champion's words, None while there are none."""
        return self.edits / self.champion if self.champion else None


def disagreement(champion: Iterable[str], candidate: Iterable[str]) -> Disagreement:
    """Count over words as they are heard: without case and punctuation."""
    from rapidfuzz.distance import Levenshtein

    first, second = _spoken(champion), _spoken(candidate)
    return Disagreement(int(Levenshtein.distance(first, second)), len(first), len(second))


def said_by_both(champion: list[Word], candidate: list[Word]) -> Disagreement:
    """Count over what both have said so far: words that end before the earlier of the two last ones.

    Words without times are in one place, so that nothing can be said before the end; give ``disagreement`` those.
    """
    ends = [max((word.end for word in words if word.end is not None), default=0) for words in (champion, candidate)]
    horizon = min(ends)
    if not horizon:
        return Disagreement()
    return disagreement(*([w.text for w in words if (w.end or 0) <= horizon] for words in (champion, candidate)))


def _spoken(words: Iterable[str]) -> list[str]:
    return [plain for word in words if (plain := word.casefold().strip(_MARKS))]

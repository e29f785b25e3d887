"""What a normaliser itself contributes to the difference between two recognisers.

Normalisation can move an error rate more than a new model does. So the difference is taken without it, with ``basic``
and with the pack; the change between them is the pack's own share, and each group of rules shows whom it helped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from harness.measures.counts import WordErrors
from harness.measures.normalisation.packs import PACKS, Normaliser
from harness.measures.words.alignment import word_errors

Case = tuple[str, str, str]  # texts of the reference, the champion, the candidate


@dataclass(frozen=True, slots=True)
class Rewriting:
    """One thing that a group of rules wrote in place of another."""

    group: str  # e.g. "numbers"
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sides:
    """A count for each side."""

    reference: int = 0
    champion: int = 0
    candidate: int = 0

    def __add__(self, other: Sides) -> Sides:
        return Sides(self.reference + other.reference, self.champion + other.champion, self.candidate + other.candidate)


K = TypeVar("K")
V = TypeVar("V", WordErrors, Sides)


@dataclass(frozen=True, slots=True)
class Contribution:
    """Errors of both recognisers without a normaliser, with ``basic`` and with the pack; and what the pack rewrote."""

    champion: Mapping[str, WordErrors] = field(default_factory=dict)  # by normaliser, the pack's signature last
    candidate: Mapping[str, WordErrors] = field(default_factory=dict)
    saved: Mapping[str, Sides] = field(default_factory=dict)  # group of rules -> errors that it took from each side
    rewritings: Mapping[Rewriting, Sides] = field(default_factory=dict)  # how often on each side

    def __add__(self, other: Contribution) -> Contribution:
        return Contribution(
            _sum(self.champion, other.champion),
            _sum(self.candidate, other.candidate),
            _sum(self.saved, other.saved),
            _sum(self.rewritings, other.rewritings),
        )

    def difference(self, level: str) -> float | None:
        """Word error rate of the candidate less that of the champion, as one level of normalisation shows it.

        Args:
            level: "none", "basic" or the pack's signature.
        """
        first, second = self.champion.get(level, WordErrors()).rate, self.candidate.get(level, WordErrors()).rate
        return None if first is None or second is None else second - first

    @property
    def own_share(self) -> float | None:
        """The difference with the pack less that with ``basic``: negative where the pack flatters the candidate."""
        before = self.difference("basic")
        after = self.difference(([*self.champion] or [""])[-1])
        return None if before is None or after is None else after - before

    @property
    def moved(self) -> Mapping[str, Sides]:
        """Group of rules -> words that it rewrote, dropped or inserted on each side."""
        found: dict[str, Sides] = {}
        for rewriting, times in self.rewritings.items():
            words = max(len(rewriting.before.split()), len(rewriting.after.split()))
            weighted = Sides(times.reference * words, times.champion * words, times.candidate * words)
            found[rewriting.group] = found.get(rewriting.group, Sides()) + weighted
        return found

    @property
    def helps_one_side(self) -> tuple[str, ...]:
        """The groups of rules that took errors from one recogniser and none from the other."""
        return tuple(g for g, s in self.saved.items() if (s.champion > 0) != (s.candidate > 0))

    def one_sided(self, least: int = 2) -> tuple[Rewriting, ...]:
        """Rewritings that only one of the recognisers called for, the most frequent first.

        Args:
            least: how often it must have been made.
        """
        found = {r: s.champion + s.candidate for r, s in self.rewritings.items() if not (s.champion and s.candidate)}
        return tuple(sorted((r for r in found if found[r] >= least), key=lambda r: (-found[r], r.group, r.before)))


def contribution(cases: Iterable[Case], pack: Normaliser) -> Contribution:
    """What ``pack`` contributes to the difference between champion and candidate.

    Args:
        cases: texts of the reference, the champion and the candidate, not normalised.
        pack: one with stages shows its groups of rules; of any other only the error rates are shown.
    """
    champion: dict[str, WordErrors] = {}
    candidate: dict[str, WordErrors] = {}
    saved: dict[str, Sides] = {}
    rewritings: dict[Rewriting, Sides] = {}
    for case in cases:
        found = _of_case(case, pack)
        _add(champion, found.champion)
        _add(candidate, found.candidate)
        _add(saved, found.saved)
        _add(rewritings, found.rewritings)
    return Contribution(champion, candidate, saved, rewritings)


def _of_case(case: Case, pack: Normaliser) -> Contribution:
    levels = {"none": PACKS["none"], "basic": PACKS["basic"], pack.signature: pack}
    champion, candidate = {}, {}
    for name, level in levels.items():
        reference, first, second = (level.split(text) for text in case)
        champion[name], candidate[name] = word_errors(reference, first), word_errors(reference, second)
    if pack.stages is None:
        return Contribution(champion, candidate)
    saved: dict[str, Sides] = {}
    seen: Counter[tuple[Rewriting, int]] = Counter()
    steps = list(zip(*(pack.stages(text) for text in case), strict=True))
    for before, after in pairwise(steps):
        group = after[0][0]
        saved[group] = saved.get(group, Sides()) + _saved([w for _, w in before], [w for _, w in after])
        for side in range(3):
            seen.update((rewriting, side) for rewriting in _rewritings(group, before[side][1], after[side][1]))
    rewritings = {r: Sides(*(seen[r, side] for side in range(3))) for r, _ in seen}
    return Contribution(champion, candidate, saved, rewritings)


def _saved(before: list[tuple[str, ...]], after: list[tuple[str, ...]]) -> Sides:
    first, second = (word_errors(before[0], before[i]).errors - word_errors(after[0], after[i]).errors for i in (1, 2))
    return Sides(0, first, second)


def _rewritings(group: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterable[Rewriting]:
    if before == after:
        return
    for step in Levenshtein.opcodes(before, after):
        if step.tag != "equal":
            old, new = before[step.src_start : step.src_end], after[step.dest_start : step.dest_end]
            yield Rewriting(group, " ".join(old), " ".join(new))


def _add(total: dict[K, V], more: Mapping[K, V]) -> None:
    for key, value in more.items():
        total[key] = total[key] + value if key in total else value


def _sum(first: Mapping[K, V], second: Mapping[K, V]) -> dict[K, V]:
    total = dict(first)
    _add(total, second)
    return total

"""Classical tests of matched pairs, and what the normaliser contributes: evidence that informs and never decides."""

from __future__ import annotations

from dataclasses import dataclass

from harness.results import NormaliserShare, Run
from reports.wording import NONE, count, difference, number, slice_title

TITLES = {
    "mapsswe": ("MAPSSWE", "segment"),
    "sign": ("sign test", "cluster"),
    "mcnemar": ("McNemar", "case"),
}


@dataclass(frozen=True, slots=True)
class TestRow:
    """One test on one slice."""

    __test__ = False  # not a pytest class

    slice: str
    test: str
    p: str
    pairs: str
    better: str
    worse: str


@dataclass(frozen=True, slots=True)
class RulesRow:
    """One group of normalisation rules."""

    group: str
    champion: str  # errors saved
    candidate: str
    one_sided: bool  # it took errors from one side only


@dataclass(frozen=True, slots=True)
class NormaliserView:
    """Word errors under each normaliser, and which rules moved them."""

    levels: tuple[tuple[str, str, str, str], ...]  # normaliser, champion, candidate, difference
    sentence: str
    groups: tuple[RulesRow, ...]


def matched_tests(run: Run) -> tuple[TestRow, ...]:
    """Every matched-pairs test of word errors, all cases first."""
    return tuple(
        TestRow(
            slice_title(c.slice),
            TITLES.get(test.name, (test.name, "pair"))[0],
            NONE if test.p is None else p_value(test.p),
            count(test.pairs, TITLES.get(test.name, (test.name, "pair"))[1]),
            f"{test.better:,}",
            f"{test.worse:,}",
        )
        for c in run.comparisons
        for test in c.matched
    )


def p_value(p: float) -> str:
    """``0.034``; ``< 0.001`` where more digits would promise too much."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def normaliser_view(found: NormaliserShare | None) -> NormaliserView | None:
    """None where no case has a reference."""
    if found is None:
        return None
    levels = tuple(
        (name, number(a, "ratio"), number(b, "ratio"), difference(None if a is None or b is None else b - a, "ratio"))
        for name, a, b in found.levels
    )
    groups = tuple(
        RulesRow(
            g.group,
            f"{g.champion_saved:,} of {count(g.champion_words, 'word')}",
            f"{g.candidate_saved:,} of {count(g.candidate_words, 'word')}",
            (g.champion_saved > 0) != (g.candidate_saved > 0),
        )
        for g in found.groups
        if g.champion_words or g.candidate_words
    )
    return NormaliserView(levels, _sentence(found.own), groups)


def _sentence(own: float | None) -> str:
    if own is None:
        return "What the normaliser itself contributes is undefined here."
    whom = "the candidate" if own < 0 else "the champion"
    if abs(own) < 0.00005:  # rounds to nothing
        return "The normaliser's own rules leave the difference as basic normalisation shows it."
    return f"Of the difference, {difference(own, 'ratio')} is the normaliser's own doing, in favour of {whom}."

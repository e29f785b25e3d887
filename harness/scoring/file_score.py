"""Scores of one file against another: nothing is left out of a denominator silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from operator import add
from typing import Any

import numpy as np

from harness.errors import EvidenceError
from harness.measures.catalogue import CATALOGUE, RatioValue, measure_info
from harness.measures.counts import Delays
from harness.measures.signature import signature
from harness.measures.words.values import WordInformation
from harness.results import Interval
from harness.scoring import meetings, speakers, words, written
from harness.scoring.pair import Pair, Rules, Taken
from harness.scoring.sides import Side
from harness.statistics.ratio import one_rate
from testsets.transcript import Transcript

MINIMUM_CLUSTERS = 8  # an interval from fewer would promise what it cannot keep
_LEVEL = 0.95

Counts = RatioValue | WordInformation


@dataclass(frozen=True, slots=True)
class FileScore:
    """One measure over all ids that both files have."""

    measure: str
    counts: Counts
    interval: Interval | None  # two-sided 95 %; None for fewer than MINIMUM_CLUSTERS clusters
    scored: int
    skipped: Mapping[str, int]  # why -> how many ids
    failed: int
    clusters: int
    empty_references: int  # scored: everything heard there is an insertion
    empty_hypotheses: int  # scored: everything said there is a deletion
    signature: str


def score_files(
    reference: Side,
    hypothesis: Side,
    rules: Rules,
    *,
    regions: Mapping[str, tuple[tuple[int, int], ...]] | None = None,
    allow_partial: bool = False,
    missing_as_empty: bool = False,
) -> tuple[FileScore, ...]:
    """Word measures where both files hold words, speaker measures where both name speakers.

    Args:
        reference: the truth.
        hypothesis: what was recognised.
        rules: normaliser, DER dialect, and what else a score depends on.
        regions: scored regions by recording; else the reference's own, else from the first to the last turn of either.
        allow_partial: score what both have, and count the rest as skipped.
        missing_as_empty: an id that the hypothesis lacks has nothing recognised; CTM and RTTM cannot say it otherwise.

    Raises:
        EvidenceError: the files have nothing in common to score, their ids differ and neither flag is set, or regions
            are given and a recording has none.
    """
    hypothesis = _of_one_recording(reference, hypothesis)
    if missing_as_empty:
        hypothesis = _filled(reference, hypothesis)
    found: list[FileScore] = []
    if reference.words is not None and hypothesis.words is not None:
        ids = _Ids.of(reference, hypothesis, reference.words, hypothesis.words, allow_partial)
        pairs = [_of_words(i, reference, hypothesis) for i in ids.common]
        empty = _empty([(p.reference and p.reference.words, p.hypothesis and p.hypothesis.words) for p in pairs])
        for take in (words.take_words, written.take_written):
            found += ids.scores(take(pairs, rules), empty, rules.words_signature)
        found += ids.scores(meetings.take_meetings(pairs, rules), empty, rules.meetings_signature)
    if reference.turns is not None and hypothesis.turns is not None:
        ids = _Ids.of(reference, hypothesis, reference.turns, hypothesis.turns, allow_partial)
        if regions is not None:
            _refuse_without_region(ids.common, regions)
        scored = {**reference.regions, **(regions or {})}
        pairs = [Pair(i, None, None, reference.turns[i], hypothesis.turns[i], scored.get(i)) for i in ids.common]
        empty = _empty([(pair.turns, pair.heard_turns) for pair in pairs])
        found += ids.scores(speakers.take_speakers(pairs, rules), empty, rules.dialect.signature)
    if not found:
        what = "one holds only words and the other only speaker turns (or words without speakers)"
        raise EvidenceError(f"{reference.name} and {hypothesis.name}", f"nothing to score: {what}")
    return tuple(found)


def _of_one_recording(reference: Side, hypothesis: Side) -> Side:
    """Two NLP files are two sides of one recording, whatever they are called, for the format names none."""
    if not all(side.name.lower().endswith(".nlp") and len(side.words or ()) == 1 for side in (reference, hypothesis)):
        return hypothesis
    names = tuple(reference.words or ())

    def renamed(found: Mapping[str, Any]) -> dict[str, Any]:
        return dict(zip(names, found.values(), strict=False))  # no value where no word has a speaker

    turns = None if hypothesis.turns is None else renamed(hypothesis.turns)
    return replace(
        hypothesis, words=renamed(hypothesis.words or {}), turns=turns, utterances=renamed(hypothesis.utterances)
    )


def _refuse_without_region(recordings: Sequence[str], regions: Mapping[str, Any]) -> None:
    """A UEM that names recordings otherwise would else be as none, without a word."""
    without = [name for name in recordings if name not in regions]
    if without:
        many = f"{len(without)} of {len(recordings)} recordings have none (the first: {without[0]})"
        raise EvidenceError("scored regions (--uem)", f"{many}; name them as in the reference, or leave the UEM out")


def _filled(reference: Side, hypothesis: Side) -> Side:
    words, turns = hypothesis.words, hypothesis.turns
    if words is not None and reference.words is not None:
        words = dict.fromkeys(reference.words, Transcript(())) | dict(words)
    if turns is not None and reference.turns is not None:
        turns = dict.fromkeys(reference.turns, ()) | dict(turns)
    return replace(hypothesis, words=words, turns=turns)


def _of_words(name: str, reference: Side, hypothesis: Side) -> Pair:
    said, heard = (side.words[name] if side.words else None for side in (reference, hypothesis))
    by_name = (reference.utterances.get(name), hypothesis.utterances.get(name))
    return Pair(name, said, heard, said=by_name[0], heard=by_name[1], spans=reference.spans.get(name, ()))


def _empty(sides: Sequence[tuple[Any, Any]]) -> tuple[int, int]:
    """How many references and hypotheses hold nothing."""
    return sum(not said for said, _ in sides), sum(not heard for _, heard in sides)


@dataclass(frozen=True, slots=True)
class _Ids:
    """Which ids both files have, and what becomes of the others."""

    reference: Side
    common: tuple[str, ...]
    skipped: Mapping[str, int]

    @classmethod
    def of(
        cls,
        reference: Side,
        hypothesis: Side,
        wanted: Mapping[str, Any],
        got: Mapping[str, Any],
        allow_partial: bool,
    ) -> _Ids:
        lost, extra = sorted(set(wanted) - set(got)), sorted(set(got) - set(wanted))
        if (lost or extra) and not allow_partial:
            raise EvidenceError(hypothesis.name, _mismatch(reference.name, lost, extra, len(wanted)))
        skipped = {"no hypothesis": len(lost), "no reference": len(extra)}
        common = tuple(sorted(set(wanted) & set(got)))
        if not common:
            raise EvidenceError(f"{reference.name} and {hypothesis.name}", "have no id in common; check the ids")
        return cls(reference, common, {why: n for why, n in skipped.items() if n})

    def scores(self, taken: Sequence[Taken], empty: tuple[int, int], rule: str) -> list[FileScore]:
        order = list(CATALOGUE)
        found = {name for one in taken for name in one.measures}
        names = sorted(found, key=lambda name: (order.index(measure_info(name).name), name))
        return [self._score(name, taken, empty, rule) for name in names]

    def _score(self, measure: str, taken: Sequence[Taken], empty: tuple[int, int], rule: str) -> FileScore:
        skipped = dict(self.skipped)
        clusters: dict[str, list[Counts]] = {}
        for name, one in zip(self.common, taken, strict=True):
            value = one.measures.get(measure)
            if value is None or isinstance(value, Delays):
                why = one.skipped.get(measure, "not measured")
                skipped[why] = skipped.get(why, 0) + 1
            else:
                clusters.setdefault(self.reference.clusters.get(name, name), []).append(value)
        scored = sum(map(len, clusters.values()))
        return FileScore(
            measure=measure,
            counts=reduce(add, chain.from_iterable(clusters.values())),
            interval=_interval(list(clusters.values())),
            scored=scored,
            skipped=skipped,
            failed=0,
            clusters=len(clusters),
            empty_references=empty[0],
            empty_hypotheses=empty[1],
            signature=signature([measure], rule, [(self.reference.name, self.reference.digest)], scored),
        )


def _mismatch(reference: str, lost: list[str], extra: list[str], wanted: int) -> str:
    parts = []
    if lost:
        parts.append(f"{len(lost)} of {wanted} ids of {reference} are missing (the first: {lost[0]})")
    if extra:
        parts.append(f"{len(extra)} ids are unknown to {reference} (the first: {extra[0]})")
    return f"{'; '.join(parts)}; correct the ids, or use --allow-partial (score what both have) or --missing-as-empty"


def _interval(clusters: list[list[Counts]]) -> Interval | None:
    if len(clusters) < MINIMUM_CLUSTERS:
        return None
    rows = [_sums(members) for members in clusters]
    if not all(rows):
        return None
    inference = one_rate(np.array(rows, dtype=np.float64))
    tail = (1 - _LEVEL) / 2
    return None if inference is None else Interval(inference.lower(tail), inference.upper(tail), _LEVEL)


def _sums(members: Sequence[Counts]) -> tuple[float, float] | None:
    """Errors and total of a cluster; None where counts do not add up to a rate."""
    ratios = [member for member in members if not isinstance(member, WordInformation)]
    if len(ratios) < len(members):
        return None
    return sum(r.errors / r.scale for r in ratios), sum(r.total / r.scale for r in ratios)

"""Scores of one file against another: nothing is left out of a denominator silently."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from harness.errors import EvidenceError
from harness.files import RATE, Side
from harness.measures.counts import CharacterErrors, SpeakerErrors, WordErrors
from harness.measures.signature import signature
from harness.measures.speakers.diarisation import speaker_errors
from harness.measures.words.alignment import character_errors, word_errors
from harness.results import Interval
from harness.scoring import Rules
from harness.statistics.ratio import one_rate
from testsets.transcript import SpeakerTurn, Transcript

MINIMUM_CLUSTERS = 8  # an interval from fewer would promise what it cannot keep
_LEVEL = 0.95

Counts = WordErrors | CharacterErrors | SpeakerErrors


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
    """WER and CER where both files hold words, DER where both name speakers.

    Args:
        reference: the truth.
        hypothesis: what was recognised.
        rules: normaliser and DER dialect.
        regions: scored regions by recording; else the reference's own, else from the first to the last turn of either.
        allow_partial: score what both have, and count the rest as skipped.
        missing_as_empty: an id that the hypothesis lacks has nothing recognised; CTM and RTTM cannot say it otherwise.

    Raises:
        EvidenceError: the files have nothing in common to score, or their ids differ and neither flag is set.
    """
    if missing_as_empty:
        hypothesis = _filled(reference, hypothesis)
    found: list[FileScore] = []
    if reference.words is not None and hypothesis.words is not None:
        ids = _Ids.of(reference, hypothesis, reference.words, hypothesis.words, allow_partial)
        found += _words(ids, reference.words, hypothesis.words, rules)
    if reference.turns is not None and hypothesis.turns is not None:
        ids = _Ids.of(reference, hypothesis, reference.turns, hypothesis.turns, allow_partial)
        found.append(_speakers(ids, reference.turns, hypothesis.turns, rules, {**reference.regions, **(regions or {})}))
    if not found:
        what = "one holds only words and the other only speaker turns (or words without speakers)"
        raise EvidenceError(f"{reference.name} and {hypothesis.name}", f"nothing to score: {what}")
    return tuple(found)


def _filled(reference: Side, hypothesis: Side) -> Side:
    words, turns = hypothesis.words, hypothesis.turns
    if words is not None and reference.words is not None:
        words = dict.fromkeys(reference.words, Transcript(())) | dict(words)
    if turns is not None and reference.turns is not None:
        turns = dict.fromkeys(reference.turns, ()) | dict(turns)
    return replace(hypothesis, words=words, turns=turns)


def _words(
    ids: _Ids, reference: Mapping[str, Transcript], hypothesis: Mapping[str, Transcript], rules: Rules
) -> list[FileScore]:
    truth = {i: rules.normaliser.split(reference[i].text) for i in ids.common}
    heard = {i: rules.normaliser.split(hypothesis[i].text) for i in ids.common}
    empty = (sum(not words for words in truth.values()), sum(not words for words in heard.values()))
    words = {i: word_errors(truth[i], heard[i]) for i in ids.common}
    characters = {i: character_errors(truth[i], heard[i]) for i in ids.common}
    name = rules.normaliser.signature
    return [
        ids.score("wer", words, sum(words.values(), WordErrors()), empty, name),
        ids.score("cer", characters, sum(characters.values(), CharacterErrors()), empty, name),
    ]


def _speakers(
    ids: _Ids,
    reference: Mapping[str, tuple[SpeakerTurn, ...]],
    hypothesis: Mapping[str, tuple[SpeakerTurn, ...]],
    rules: Rules,
    regions: Mapping[str, tuple[tuple[int, int], ...]],
) -> FileScore:
    counted = {}
    for i in ids.common:
        scored = regions.get(i) or _extent((*reference[i], *hypothesis[i]))
        counted[i] = speaker_errors(reference[i], hypothesis[i], scored, RATE, rules.dialect)
    empty = (sum(not reference[i] for i in ids.common), sum(not hypothesis[i] for i in ids.common))
    return ids.score("der", counted, sum(counted.values(), SpeakerErrors()), empty, rules.dialect.signature)


def _extent(turns: tuple[SpeakerTurn, ...]) -> tuple[tuple[int, int], ...]:
    return ((min(t.start for t in turns), max(t.end for t in turns)),) if turns else ()


@dataclass(frozen=True, slots=True)
class _Ids:
    """Which ids both files have, and what becomes of the others."""

    reference: Side
    common: tuple[str, ...]
    skipped: Mapping[str, int]

    @classmethod
    def of(
        cls, reference: Side, hypothesis: Side, wanted: Collection[str], got: Collection[str], allow_partial: bool
    ) -> _Ids:
        lost, extra = sorted(set(wanted) - set(got)), sorted(set(got) - set(wanted))
        if (lost or extra) and not allow_partial:
            raise EvidenceError(hypothesis.name, _mismatch(reference.name, lost, extra, len(wanted)))
        skipped = {"no hypothesis": len(lost), "no reference": len(extra)}
        common = tuple(sorted(set(wanted) & set(got)))
        if not common:
            raise EvidenceError(f"{reference.name} and {hypothesis.name}", "have no id in common; check the ids")
        return cls(reference, common, {why: n for why, n in skipped.items() if n})

    def score(
        self, measure: str, counted: Mapping[str, Counts], total: Counts, empty: tuple[int, int], rule: str
    ) -> FileScore:
        clusters: dict[str, list[Counts]] = {}
        for i in self.common:
            clusters.setdefault(self.reference.clusters.get(i, i), []).append(counted[i])
        test_set = [(self.reference.name, self.reference.digest)]
        return FileScore(
            measure=measure,
            counts=total,
            interval=_interval(list(clusters.values())),
            scored=len(self.common),
            skipped=self.skipped,
            failed=0,
            clusters=len(clusters),
            empty_references=empty[0],
            empty_hypotheses=empty[1],
            signature=signature([measure], rule, test_set, len(self.common)),
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
    rows = [[sum(c.errors / c.scale for c in members), sum(c.total / c.scale for c in members)] for members in clusters]
    inference = one_rate(np.array(rows, dtype=np.float64))
    tail = (1 - _LEVEL) / 2
    return None if inference is None else Interval(inference.lower(tail), inference.upper(tail), _LEVEL)

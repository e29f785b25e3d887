"""Scores of one file against another: nothing is left out of a denominator silently."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.errors import EvidenceError
from harness.measures.signature import signature
from harness.results import Interval
from harness.scoring import meetings, speakers, words, written
from harness.scoring.pair import Pair, Rules, Taken
from harness.scoring.sides import Side
from harness.scoring.tally import Counts, Tallies, Tally
from harness.statistics.ratio import one_rate
from testsets.transcript import Transcript

MINIMUM_CLUSTERS = 8  # an interval from fewer would promise what it cannot keep
_LEVEL = 0.95

_BLOCK = 16_384  # pairs held at once


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

        def pair(name: str) -> Pair:
            return _of_words(name, reference, hypothesis)

        if not rules.alternatives:
            _refuse_alternatives(map(pair, ids.common))
        found += ids.scores(words.take_words, pair, rules, rules.words_signature)
        if written.why_not(map(pair, ids.common), rules) is None:
            found += ids.scores(written.take_each, pair, rules, rules.words_signature)
        if meetings.why_not(map(pair, ids.common), rules) is None:
            found += ids.scores(meetings.take_each, pair, rules, lambda _: rules.meetings_signature)
    if reference.turns is not None and hypothesis.turns is not None:
        found += _score_turns(reference, hypothesis, rules, regions, allow_partial)
    if not found:
        what = "one holds only words and the other only speaker turns (or words without speakers)"
        raise EvidenceError(f"{reference.name} and {hypothesis.name}", f"nothing to score: {what}")
    return tuple(found)


def _score_turns(
    reference: Side,
    hypothesis: Side,
    rules: Rules,
    regions: Mapping[str, tuple[tuple[int, int], ...]] | None,
    allow_partial: bool,
) -> list[FileScore]:
    said, heard = reference.turns or {}, hypothesis.turns or {}
    ids = _Ids.of(reference, hypothesis, said, heard, allow_partial)
    rule = rules.dialect.signature
    if regions is not None:
        _refuse_without_region(ids.common, regions)
        rule += f",uem#{hashlib.sha256(repr(sorted(regions.items())).encode()).hexdigest()[:8]}"
    scored = {**reference.regions, **(regions or {})}
    return ids.scores(
        speakers.take_speakers,
        lambda name: Pair(name, None, None, said[name], heard[name], scored.get(name)),
        rules,
        lambda _: rule,
    )


def _refuse_alternatives(pairs: Iterable[Pair]) -> None:
    """Words of every alternative would count as said: a wrong number."""
    for pair in pairs:
        texts = [word.text for word in pair.reference.words] if pair.reference else []
        if "{" in texts and "}" in texts:
            raise EvidenceError(pair.id, "the reference has { one / another } wordings; score it with --alternatives")


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

    def scores(
        self,
        take: Callable[[Sequence[Pair], Rules], Sequence[Taken]],
        pair: Callable[[str], Pair],
        rules: Rules,
        rule: Callable[[str], str],
    ) -> list[FileScore]:
        """Take a family of measures block by block, so that a million pairs are never held at once."""
        numbers: dict[str, int] = {}
        clusters = [numbers.setdefault(self.reference.clusters.get(i, i), len(numbers)) for i in self.common]
        tallies, empty = Tallies(len(numbers)), Counter[str]()
        for first in range(0, len(self.common), _BLOCK):
            pairs = [pair(name) for name in self.common[first : first + _BLOCK]]
            tallies.add(take(pairs, rules), clusters[first : first + _BLOCK])
            empty.update(side for one in pairs for side in _empty_sides(one))
        return [self._score(name, tally, empty, rule(name)) for name, tally in tallies.found()]

    def _score(self, measure: str, tally: Tally, empty: Mapping[str, int], rule: str) -> FileScore:
        if tally.total is None:
            raise AssertionError(f"{measure}: a tally begins with its first value")
        return FileScore(
            measure=measure,
            counts=tally.total,
            interval=_interval(tally),
            scored=tally.scored,
            skipped={why: n for why, n in (Counter(self.skipped) + tally.skipped).items() if n},
            failed=0,
            clusters=tally.clusters,
            empty_references=empty["reference"],
            empty_hypotheses=empty["hypothesis"],
            signature=signature([measure], rule, [(self.reference.name, self.reference.digest)], tally.scored),
        )


def _empty_sides(pair: Pair) -> Iterator[str]:
    """Which sides hold nothing."""
    by_words = pair.reference is not None and pair.hypothesis is not None
    said = pair.reference.words if pair.reference else pair.turns
    heard = pair.hypothesis.words if pair.hypothesis else pair.heard_turns
    if not said and (by_words or pair.turns is not None):
        yield "reference"
    if not heard and (by_words or pair.heard_turns is not None):
        yield "hypothesis"


def _mismatch(reference: str, lost: list[str], extra: list[str], wanted: int) -> str:
    parts = []
    if lost:
        parts.append(f"{len(lost)} of {wanted} ids of {reference} are missing (the first: {lost[0]})")
    if extra:
        parts.append(f"{len(extra)} ids are unknown to {reference} (the first: {extra[0]})")
    return f"{'; '.join(parts)}; correct the ids, or use --allow-partial (score what both have) or --missing-as-empty"


def _interval(tally: Tally) -> Interval | None:
    if tally.sums is None or tally.clusters < MINIMUM_CLUSTERS:
        return None
    inference = one_rate(tally.sums)
    tail = (1 - _LEVEL) / 2
    return None if inference is None else Interval(inference.lower(tail), inference.upper(tail), _LEVEL)

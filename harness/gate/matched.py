"""Classical tests of matched pairs beside a comparison of word errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.gate.evidence import Evidence
from harness.gate.segments import segments
from harness.measures.counts import WordErrors
from harness.measures.normalisation.packs import Normaliser
from harness.results import Arm, Comparison, MatchedTest
from harness.statistics.matched import Segments, mapsswe, mcnemar, sign_test
from testsets.case import Case
from testsets.events import EventLog


def matched_segments(
    cases: Sequence[Case], logs: Mapping[str, Sequence[EventLog]], normaliser: Normaliser
) -> dict[str, Segments]:
    """The matched segments of every case that has a reference and an answer by both sides."""
    champion, candidate = (
        {log.case_id: log for log in reversed(logs.get(arm, ()))} for arm in (Arm.CHAMPION, Arm.CANDIDATE)
    )
    found = {}
    for case in cases:
        if case.reference is not None and case.id in champion and case.id in candidate:
            answers = (normaliser.split(side[case.id].transcript.text) for side in (champion, candidate))
            found[case.id] = segments(normaliser.split(case.reference.text), *answers)
    return found


def with_matched(
    comparison: Comparison, evidence: Evidence, case_ids: Iterable[str], by_case: Mapping[str, Segments]
) -> Comparison:
    """A comparison of "wer" with MAPSSWE where segments are known, the sign test over clusters, McNemar's over cases.

    Args:
        comparison: of the slice.
        evidence: that it was made from.
        case_ids: of the slice.
        by_case: case -> its segments.
    """
    found = sum((by_case[case_id] for case_id in case_ids if case_id in by_case), Segments())
    tests: tuple[MatchedTest, ...] = (_sign(evidence), _mcnemar(evidence))
    if by_case:
        tests = (MatchedTest("mapsswe", mapsswe(found), found.count, found.better, found.worse), *tests)
    return replace(comparison, matched=tests, shared=found.shared)


def _sign(evidence: Evidence) -> MatchedTest:
    """Each cluster that has words on both sides is one pair."""
    differences = [eb * na - ea * nb for ea, na, eb, nb in evidence.sums().table.tolist() if na and nb]
    better, worse = sum(d < 0 for d in differences), sum(d > 0 for d in differences)
    return MatchedTest("sign", sign_test(better, worse), len(differences), better, worse)


def _mcnemar(evidence: Evidence) -> MatchedTest:
    """Each case is one pair: wholly right or not."""
    right = [
        (a.errors == 0, b.errors == 0)
        for cluster, values in evidence.champion.items()
        for a, b in zip(values, evidence.candidate[cluster], strict=True)
        if isinstance(a, WordErrors) and isinstance(b, WordErrors)
    ]
    better, worse = sum(b and not a for a, b in right), sum(a and not b for a, b in right)
    return MatchedTest("mcnemar", mcnemar(worse, better), len(right), better, worse)

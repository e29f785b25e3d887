"""Classical tests of matched pairs beside a comparison of word errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.gate.evidence import Evidence
from harness.gate.segments import segments
from harness.measures.counts import WordErrors
from harness.measures.normalisation.packs import Normaliser
from harness.results import Arm, MatchedTest
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


def matched_tests(
    evidence: Evidence, case_ids: Iterable[str], by_case: Mapping[str, Segments]
) -> tuple[MatchedTest, ...]:
    """MAPSSWE where segments are known, the sign test over clusters, McNemar's over cases.

    Args:
        evidence: of "wer".
        case_ids: of the slice.
        by_case: case -> its segments.
    """
    tests = []
    if by_case:
        found = sum((by_case[case_id] for case_id in case_ids if case_id in by_case), Segments())
        tests.append(MatchedTest("mapsswe", mapsswe(found), found.count, found.better, found.worse))
    signs = _signs(evidence)
    better, worse = sum(sign < 0 for sign in signs), sum(sign > 0 for sign in signs)
    tests.append(MatchedTest("sign", sign_test(better, worse), len(signs), better, worse))
    right = [(a.errors == 0, b.errors == 0) for a, b in _sentences(evidence)]
    better, worse = sum(b and not a for a, b in right), sum(a and not b for a, b in right)
    tests.append(MatchedTest("mcnemar", mcnemar(worse, better), len(right), better, worse))
    return tuple(tests)


def _signs(evidence: Evidence) -> list[float]:
    """The difference in each cluster that has words on both sides, times both totals."""
    table = evidence.sums().table
    return [float(eb * na - ea * nb) for ea, na, eb, nb in table if na and nb]


def _sentences(evidence: Evidence) -> list[tuple[WordErrors, WordErrors]]:
    return [
        (a, b)
        for cluster, values in evidence.champion.items()
        for a, b in zip(values, evidence.candidate[cluster], strict=True)
        if isinstance(a, WordErrors) and isinstance(b, WordErrors)
    ]

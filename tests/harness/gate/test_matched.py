"""Matched tests count what they say they count."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.gate.compare import compare
from harness.gate.matched import matched_segments
from harness.gate.policy_file import default_policy
from harness.measures.counts import WordErrors
from harness.measures.normalisation.packs import PACKS
from harness.results import Arm, UnitResult
from harness.statistics.matched import Segments

# cluster -> (champion's errors, candidate's errors) of each case, 10 words each
CASES = {"s0": [(0, 1), (2, 0)], "s1": [(0, 0), (1, 3)], "s2": [(1, 1), (4, 4)]}


def made() -> list[UnitResult]:
    return [
        UnitResult(arm, f"{cluster}-{i}", cluster, {}, {"wer": WordErrors(pair[side], reference=10)})
        for cluster, pairs in CASES.items()
        for i, pair in enumerate(pairs)
        for side, arm in enumerate((Arm.CHAMPION, Arm.CANDIDATE))
    ]


def test_signs_are_of_clusters_and_mcnemar_of_cases() -> None:
    known = {"s0-0": Segments.of([1], errors=0, common=0), "s1-1": Segments.of([2, -1], errors=4, common=3)}
    (wer,) = (c for c in compare(made(), default_policy(), np.random.default_rng(1), known) if c.slice == "all")
    tests = {test.name: (test.pairs, test.better, test.worse, test.p) for test in wer.matched}
    assert tests == {"mapsswe": (3, 1, 2, None), "sign": (3, 1, 1, 1.0), "mcnemar": (6, 1, 1, 1.0)}
    assert wer.shared == 0.75


def test_without_texts_there_are_no_segments() -> None:
    (wer,) = (c for c in compare(made(), default_policy(), np.random.default_rng(1)) if c.slice == "all")
    assert [test.name for test in wer.matched] == ["sign", "mcnemar"]
    assert wer.shared is None


def test_segments_are_of_cases_that_both_sides_answered(world: Any) -> None:
    cases = world.cases(clusters=2, each=2)
    logs = {str(Arm.CHAMPION): world.answers(cases, 1), str(Arm.CANDIDATE): world.answers(cases, 2)[1:]}
    found = matched_segments(cases, logs, PACKS["basic"])
    assert set(found) == {case.id for case in cases[1:]}
    assert any(each.count for each in found.values())

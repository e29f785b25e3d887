"""Edge cases: classified, placed in the audio, worst first, and never inside the champion's own noise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.gate.edge_cases import find_edge_cases
from harness.gate.word_classes import names_in
from harness.measures.normalisation.packs import PACKS
from harness.results import Arm, DiffOp, EdgeCase
from testsets.case import Case
from testsets.events import Event, EventLog, Kind
from testsets.transcript import Transcript, Word


def a_case(world: Any, text: str | None = "turn left at the gate") -> Case:
    case: Case = world.cases(1, 1)[0]
    return replace(case, reference=None if text is None else Transcript.from_text(text))


def said(case: Case, text: str, failure: str | None = None) -> EventLog:
    words = tuple(Word(w, 300 * i, 300 * i + 200) for i, w in enumerate(text.split()))
    return EventLog(case.id, "d", case.audio.rate, (Event(Kind.FINAL, 0, words=words),), failure)


def edges(case: Case, champion: EventLog, candidate: EventLog, again: EventLog | None = None) -> tuple[EdgeCase, ...]:
    logs = {Arm.CHAMPION: [champion], Arm.CANDIDATE: [candidate], Arm.CHAMPION_AGAIN: [again or champion]}
    return find_edge_cases([case], {str(arm): found for arm, found in logs.items()}, PACKS["basic"])


@pytest.mark.parametrize(
    ("reference", "candidate", "kind"),
    [
        ("turn left at the gate", "turn left at a gate", "substitution"),
        ("turn left at the gate", "turn at the gate", "deletion"),
        ("turn left at the gate", "turn left at all the gate", "insertion"),
        ("it costs nineteen euros", "it costs ninety euros", "number"),
        ("do not press it", "do press it", "negation"),
        ("Please call Fiona now", "please call phone now", "name"),
        ("turn left at the gate", "", "empty"),
        ("turn left at the gate", "turn left at the gate thank you for watching", "hallucination"),
        ("", "thank you", "hallucination"),
    ],
)
def test_regressions_are_classified(world: Any, reference: str, candidate: str, kind: str) -> None:
    case = a_case(world, reference)
    (edge,) = edges(case, said(case, reference), said(case, candidate))
    assert (edge.kind, edge.arm) == (kind, Arm.CANDIDATE)
    assert edge.severity >= 1


def test_an_edge_case_shows_both_diffs_and_where_it_is(world: Any) -> None:
    case = a_case(world)
    (edge,) = edges(case, said(case, "turn left at the gate"), said(case, "turn left at a gate"))
    assert edge.candidate_diff[3] == DiffOp("substitute", "the", "a")
    assert all(op.kind == "equal" for op in edge.champion_diff)
    assert (edge.reference, edge.champion, edge.candidate) == (
        "turn left at the gate", "turn left at the gate", "turn left at a gate"
    )  # fmt: skip
    assert (edge.start, edge.end, edge.rate) == (900 - 500, 1_100 + 500, 1_000)
    assert edge.detail == "the → a"


def test_an_improvement_names_the_champion_as_worse(world: Any) -> None:
    case = a_case(world)
    (edge,) = edges(case, said(case, "turn left at a gate"), said(case, "turn left at the gate"))
    assert edge.arm == Arm.CHAMPION


def test_a_failed_session(world: Any) -> None:
    case = a_case(world)
    (edge,) = edges(case, said(case, "turn left at the gate"), said(case, "turn left", failure="closed"))
    assert edge.kind == "failure"


def test_without_a_reference_disagreement_is_shown_against_the_champion(world: Any) -> None:
    case = a_case(world, None)
    (edge,) = edges(case, said(case, "turn left"), said(case, "turn right"))
    assert (edge.reference, edge.champion_diff) == (None, ())
    assert edge.candidate_diff[1] == DiffOp("substitute", "left", "right")


def test_differences_inside_the_champions_own_noise_are_not_shown(world: Any) -> None:
    case = a_case(world)
    champion, candidate = said(case, "turn left at the gate"), said(case, "turn left at a gate")
    assert edges(case, champion, candidate, again=said(case, "turn left at one gate")) == ()
    assert edges(case, champion, champion) == ()


def test_latency_beyond_noise(world: Any) -> None:
    case = world.cases(1, 1)[0]
    fast, slow = (world.answer(case, np.random.default_rng(1), 0, ms) for ms in (400, 900))
    (edge,) = edges(case, fast, slow)
    assert (edge.kind, edge.arm, edge.severity) == ("latency", Arm.CANDIDATE, 500)
    assert edges(case, fast, slow, again=slow) == ()


def test_worst_first_and_limited(world: Any) -> None:
    cases = world.cases(4, 5)
    text = " ".join(world.words)
    champion = [said(c, text) for c in cases]
    candidate = [said(c, " ".join(world.words[i % 5 :])) for i, c in enumerate(cases)]
    found = find_edge_cases(cases, {"champion": champion, "candidate": candidate}, PACKS["basic"], limit=7)
    assert [edge.severity for edge in found] == [4, 4, 4, 4, 3, 3, 3]


def test_names_are_capitals_that_start_no_sentence() -> None:
    assert names_in("Then Ana met Newton. She left.") == {"ana", "newton"}
    assert names_in("ALL IN CAPITALS HERE") == frozenset()
    assert names_in("I'm sure I'll go to Leeds") == {"leeds"}

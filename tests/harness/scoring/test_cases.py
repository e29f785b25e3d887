"""Units from logs: what was measured, what was skipped and why, and what a broken session still counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from harness.measures.catalogue import CATALOGUE
from harness.measures.counts import SpeakerErrors, WordErrors
from harness.measures.normalisation.packs import PACKS
from harness.results import Arm, UnitResult
from harness.scoring.cases import score_logs
from harness.scoring.pair import Rules
from testsets.case import Case
from testsets.events import Event, EventLog, Kind
from testsets.transcript import SpeakerTurn, Transcript, Word


def a_case(world: Any) -> Case:
    case: Case = world.cases(1, 1)[0]
    return case


def scored(case: Case, log: EventLog, champion: EventLog | None = None) -> UnitResult:
    logs = {Arm.CANDIDATE: [log]} | ({} if champion is None else {Arm.CHAMPION: [champion]})
    return next(unit for unit in score_logs([case], logs, Rules(PACKS["basic"])) if unit.arm == Arm.CANDIDATE)


def decoded(case: Case, *words: Word) -> EventLog:
    """A log without sent audio: a recogniser that answers from a file."""
    return EventLog(case.id, "d", case.audio.rate, (Event(Kind.FINAL, 0, words=words), Event(Kind.ENDED, 0)))


def test_a_live_session_is_measured_in_everything_it_has(world: Any) -> None:
    case = a_case(world)
    unit = scored(case, world.answer(case, np.random.default_rng(1), error_rate=0))
    assert unit.measures["wer"] == WordErrors(reference=14)
    assert {"wer", "cer", "mer", "wil", "der", "final_latency", "first_partial", "erasure", "pace"} <= set(
        unit.measures
    )
    assert set(unit.measures) | set(unit.skipped) <= set(CATALOGUE)
    assert unit.skipped["ack_lag"] == "no acknowledgements"
    assert (unit.cluster, unit.tags, unit.failure, unit.empty) == ("s0", {"condition": "clean"}, None, False)


def test_an_answer_from_a_file_has_no_latency_and_says_why(world: Any) -> None:
    case = a_case(world)
    unit = scored(case, decoded(case, Word("the"), Word("weather")))
    assert unit.skipped["final_latency"] == "no audio was streamed"
    assert unit.skipped["der"] == "words have no times"
    assert unit.measures["wer"] == WordErrors(deletions=12, reference=14)


def test_without_reference_and_turns(world: Any) -> None:
    case = replace(a_case(world), reference=None, turns=())
    unit = scored(case, decoded(case, Word("the")), champion=decoded(case, Word("the"), Word("sun")))
    assert unit.skipped["wer"] == unit.skipped["cer"] == "no reference"
    assert unit.skipped["der"] == "no speaker reference"
    assert unit.measures["disagreement"] == WordErrors(deletions=1, reference=2)


def test_empty_sides(world: Any) -> None:
    case = a_case(world)
    silent = scored(case, decoded(case))
    assert silent.empty
    assert silent.measures["wer"] == WordErrors(deletions=14, reference=14)
    nothing_said = replace(case, reference=Transcript.from_text(""))
    invented = scored(nothing_said, decoded(case, Word("hello")))
    assert not invented.empty
    assert invented.measures["wer"] == WordErrors(insertions=1)


def test_a_broken_session_still_counts_its_deletions(world: Any) -> None:
    case = a_case(world)
    unit = scored(case, EventLog(case.id, "d", 1_000, (), "connection refused"))
    assert unit.failure == "connection refused"
    assert unit.measures["wer"] == WordErrors(deletions=14, reference=14)


def test_speakers_are_scored_at_the_cases_rate_and_regions(world: Any) -> None:
    case = replace(a_case(world), turns=(SpeakerTurn("a", 0, 1_000),), uem=((0, 800),))
    log = EventLog(case.id, "d", 2_000, (Event(Kind.FINAL, 0, words=(Word("the", 0, 1_000, speaker="S1"),)),))
    assert scored(case, log).measures["der"] == SpeakerErrors(missed=300, speech=800, sample_rate=1_000)


def test_arms_are_scored_over_known_cases_first_answer_first(world: Any) -> None:
    cases = world.cases(2, 2)
    good, bad = world.answers(cases, 1, error_rate=0), world.answers(cases, 1, error_rate=1)
    logs = {"champion": good, "candidate": [good[0], bad[0], *good[2:], replace(good[0], case_id="who")]}
    units = score_logs(cases, logs, Rules())
    assert [(u.arm, u.case_id) for u in units if u.arm == Arm.CANDIDATE] == [
        (Arm.CANDIDATE, cases[i].id) for i in (0, 2, 3)
    ]
    assert all(u.measures["wer"] == WordErrors(reference=14) for u in units)
    assert "disagreement" not in units[0].measures

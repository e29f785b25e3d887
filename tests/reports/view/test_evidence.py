from dataclasses import replace

import pytest

from harness.measures.counts import Pace
from harness.results import LookRecord, Outcome, UnitResult
from reports.view.evidence import NAMED_CASES, evidence_view, fidelity_text, pace_text, pressure_texts


def test_every_arm_shows_scored_and_failed_with_the_reason(make_run) -> None:
    arms = evidence_view(make_run(Outcome.PASS)).arms
    assert [a.title for a in arms] == ["champion", "champion again", "candidate"]
    assert (arms[2].cases, arms[2].completed, arms[2].failed) == ("120", "119", "1")
    assert arms[2].failures == ("1 × the endpoint closed the connection after 1.2 s",)
    assert arms[0].digest == "a1a1a1a1a1a1"


def test_skipped_cases_are_counted_once_over_the_arms(make_run) -> None:
    assert evidence_view(make_run(Outcome.PASS)).skipped == ("24\u00a0cases without WER, CER: no reference",)


def test_the_pace_is_summed_over_cases() -> None:
    paces = [Pace(100, 2, 8_000_000, 10**10, 10**10), Pace(100, 0, 1_000_000, 10**10, 10**10)]
    units = [UnitResult("champion", str(k), "s", {}, {"pace": p}) for k, p in enumerate(paces)]
    assert pace_text(units) == "2 of 200\u00a0packets late (1\u00a0%), worst 8.0\u00a0ms, 1.000× real time"
    assert pace_text([]) == "–"


def test_a_finding_names_some_cases_and_counts_the_rest(make_run) -> None:
    run = make_run(Outcome.PASS)
    ids = tuple(f"c{k}" for k in range(NAMED_CASES + 3))
    finding = replace(run.verdict.findings[0], case_ids=ids)
    found = evidence_view(replace(run, verdict=replace(run.verdict, findings=(finding,)))).findings[0]
    assert found.cases == "c0, c1, c2, c3, c4 and 3 more"


def test_what_repeats_the_run_is_there(make_run) -> None:
    facts = dict(evidence_view(make_run(Outcome.PASS)).facts)
    assert facts["seed"] == "20261122"
    assert facts["candidate"] == "b2" * 32
    assert facts["took"] == "2\u00a0min 51\u00a0s"


def test_the_lateness_of_the_whole_replay_stands_beside_its_budget() -> None:
    lateness = {"packets": 588, "p50_ns": 900_000, "p99_ns": 24_100_000, "max_ns": None, "budget_ns": 20_000_000}
    said = "Lateness of 588\u00a0packets over all arms: p50 0.9\u00a0ms, p99 24.1\u00a0ms, budget 20.0\u00a0ms at p99"
    assert fidelity_text({"lateness": {**lateness, "valid": False}}) == f"{said} broken"
    assert fidelity_text({"lateness": {**lateness, "valid": True}}) == f"{said} kept"


@pytest.mark.parametrize("config", [{}, {"lateness": None}, {"lateness": {"packets": 0, "p50_ns": None}}])
def test_nothing_replayed_says_nothing_about_lateness(config: dict[str, object]) -> None:
    assert fidelity_text(config) == ""


def test_how_each_arm_took_its_audio() -> None:
    held = {"packets": 1_000, "held": 3, "held_max_ns": 80_000_000, "ack_p99_ns": 4_000_000}
    config = {"back_pressure": {"champion": held, "candidate": {"packets": 9, "held": 0}, "other": {"packets": 0}}}
    assert pressure_texts(config) == (
        "champion held back 3 of 1,000\u00a0packets, the longest for 80.0\u00a0ms, "
        "confirmed them within 4.0\u00a0ms at p99",
        "candidate took 9\u00a0packets without delay",
    )
    assert pressure_texts({}) == pressure_texts({"back_pressure": None}) == ()


def test_the_look_that_ended_a_replay_is_told(make_run) -> None:
    run = make_run(Outcome.PASS)
    assert "look" not in dict(evidence_view(run).facts)
    looked = replace(run, record=replace(run.record, look=LookRecord(2, 4, 0.5, 0.0056)))
    assert dict(evidence_view(looked).facts)["look"] == "2 of 4, at 50\u00a0% of the cases, level 0.0056"

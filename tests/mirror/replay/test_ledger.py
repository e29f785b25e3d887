"""The ledger: every session once, whoever dies."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.errors import StoreError
from mirror.replay import Ledger, Plan, Shape, jobs, plan_digest
from testsets.case import AudioRef, Case, Pacing, SentFrame
from testsets.events import Event, EventLog, Kind
from testsets.transcript import Word

CASES = [Case(name, AudioRef(f"{name}.wav", 8_000, 800), tags={"x": name}) for name in ("a", "b", "c")]
PLAN = Plan("ws://127.0.0.1:1/v2")
WORD = Word("w\u00f6rd", 1, 2, 0.5, "S1")
LOG = EventLog("a", "r", 8_000, (Event(Kind.FINAL, 5, words=(WORD,), detail={"transcript": "w"}),
                                 Event(Kind.AUDIO, 7, 6, 800)))  # fmt: skip


def opened(path: Path, plan: Plan = PLAN) -> Ledger:
    ledger = Ledger(path)
    ledger.begin(plan_digest(CASES, plan), jobs(CASES, plan))
    return ledger


def test_claims_are_finished_by_their_owner_only(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "l")
    first, second = ledger.claim("one"), ledger.claim("two")
    assert first is not None
    assert second is not None
    assert (first.job.case, second.job.case) == (CASES[0], CASES[1])
    assert not ledger.finish("two", first, LOG)
    assert ledger.finish("one", first, LOG)
    assert not ledger.finish("one", first, LOG)
    assert ledger.release("two") == 1
    assert not ledger.finish("two", second, LOG)
    assert list(ledger.logs()) == [LOG]
    progress = ledger.progress()
    assert (progress.sessions, progress.done, progress.failed, progress.audio_ns) == (3, 1, 0, 300_000_000)
    assert progress.audio_done_ns == 100_000_000
    assert [claim.job.case.id for _ in range(2) if (claim := ledger.claim("x"))] == ["b", "c"]
    assert ledger.claim("x") is None
    ledger.close()


def test_going_on_after_a_kill(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "l")
    claim = ledger.claim("killed")
    assert claim is not None
    ledger.close()  # and nothing else, as after kill -9
    again = Ledger(tmp_path / "l")
    assert again.begin(plan_digest(CASES, PLAN), jobs(CASES, PLAN))
    assert not again.finish("killed", claim, LOG)
    assert again.claim("new") == claim
    again.close()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("pq"), st.sampled_from(["claim", "finish", "release"])), max_size=40))
def test_any_order_of_deaths_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str]]
) -> None:
    ledger, held = opened(tmp_path_factory.mktemp("ledger") / "l"), {"p": [], "q": []}
    finished = 0
    for owner, act in [*acts, ("p", "release"), ("q", "release")]:
        if act == "claim" and (claim := ledger.claim(owner)) is not None:
            held[owner].append(claim)
        elif act == "finish" and held[owner]:
            finished += ledger.finish(owner, held[owner].pop(0), LOG)
        elif act == "release":
            ledger.release(owner)
    waiting = 0
    while ledger.claim("z") is not None:
        waiting += 1
    assert finished + waiting == len(CASES)
    assert ledger.progress().done == finished == len(list(ledger.logs()))
    ledger.close()


def test_a_ledger_in_use_is_refused(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "l")
    with pytest.raises(StoreError, match="another replay is at work"):
        opened(tmp_path / "l")
    ledger.close()
    opened(tmp_path / "l").close()


def test_another_replays_ledger_is_refused(tmp_path: Path) -> None:
    opened(tmp_path / "l").close()
    for plan in (Plan("ws://127.0.0.1:2/v2"), Plan(PLAN.address, window=3), Plan(PLAN.address, shape=Shape(20))):
        with pytest.raises(StoreError, match="ledger of another replay"):
            opened(tmp_path / "l", plan)
    (tmp_path / "text").write_text("no database, but long enough to be looked at " * 9)
    with pytest.raises(StoreError, match="cannot be used as a ledger"):
        opened(tmp_path / "text")
    with pytest.raises(StoreError, match="cannot be used as a ledger"):
        opened(tmp_path / "none" / "l")
    with sqlite3.connect(tmp_path / "l") as database:
        database.execute("UPDATE about SET version = 99")
    database.close()
    with pytest.raises(StoreError, match="ledger version 99"):
        opened(tmp_path / "l")


def test_clones_have_their_own_ids_and_phases() -> None:
    captured = Case(
        "cap", AudioRef("c.wav", 8_000, 1_600), pacing=Pacing(frames=(SentFrame(0, 800), SentFrame(9, 800)))
    )
    found = list(jobs([*CASES, captured], Plan("ws://h/v2", clones=50)))
    assert len({job.case.id for job in found}) == 200
    assert found[0].case.id == "a"
    assert found[4].case.id == "a#2"
    phases = sorted(job.phase_ns for job in found)
    assert 0 <= phases[0] < 10_000_000
    assert 190_000_000 < phases[-1] < 200_000_000
    assert [job.phase_ns for job in jobs(CASES, Plan("ws://h/v2"))] == [0, 0, 0]
    one, two = (list(jobs(CASES, Plan("ws://h/v2", shape=Shape(20, jitter_ms=9), seed=seed))) for seed in (1, 2))
    assert one == list(jobs(CASES, Plan("ws://h/v2", shape=Shape(20, jitter_ms=9), seed=1)))
    assert one != two

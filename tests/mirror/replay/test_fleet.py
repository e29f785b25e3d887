"""Whole replays over processes that die: no session is lost, and none is there twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirror.errors import ReplayError, StoreError
from mirror.replay import Ledger, Plan, jobs, lateness, plan_digest, play_all
from mirror.replay import fleet as fleet_module
from testsets import manifest
from testsets.case import Case
from testsets.eventlog_io import read_event_logs
from testsets.events import Kind

Stage = Callable[..., Any]
MakeCase = Callable[..., Case]


def opened(path: Path, cases: list[Case], plan: Plan) -> Ledger:
    ledger = Ledger(path)
    ledger.begin(plan_digest(cases, plan), jobs(cases, plan))
    return ledger


def sent(stage: Any) -> Counter[bytes]:
    """What every session with audio sent, whole."""
    return Counter(audio for audio in stage.audio if audio)


@pytest.mark.parametrize("processes", [1, 2])
async def test_every_clone_is_played_once(stage_of: Stage, make_case: MakeCase, tmp_path: Path, processes: int) -> None:
    cases, plan = [make_case(seconds=0.3, name=name) for name in "ab"], None
    async with stage_of() as stage:
        plan = Plan(stage.url, clones=3)
        ledger, seen = opened(tmp_path / "ledger", cases, plan), []
        await play_all(ledger, plan, sessions=4, processes=processes, told=seen.append)
    logs = list(ledger.logs())
    assert [log.case_id for log in logs] == ["a", "b", "a#2", "b#2", "a#3", "b#3"]
    assert {log.failure for log in logs} == {None}
    assert len({log.transcript for log in logs}) == 1
    assert list(sent(stage).values()) == [6]
    assert (seen[-1].done, seen[-1].audio_done_ns) == (6, seen[-1].audio_ns)
    assert lateness(ledger.logs()).packets == 18
    ledger.close()


async def test_killed_worker_is_replaced(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    cases = [make_case(seconds=0.4, name=f"case{number}") for number in range(6)]
    killed: list[int] = []
    async with stage_of() as stage:
        plan = Plan(stage.url)
        ledger = opened(tmp_path / "ledger", cases, plan)

        def kill_one(progress: Any) -> None:
            if not killed and stage.packets and stage.packets[-1] >= 2:
                killed.append(next(_children()))
                os.kill(killed[0], signal.SIGKILL)

        await asyncio.wait_for(play_all(ledger, plan, sessions=2, processes=2, told=kill_one), 60)
    assert killed
    logs = list(ledger.logs())
    assert [log.case_id for log in logs] == [case.id for case in cases]
    assert {log.failure for log in logs} == {None}
    ledger.close()


async def test_ledger_that_cannot_be_written(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(ledger: Ledger, owner: str, claim: Any, log: Any) -> bool:
        raise StoreError(str(ledger.path), "the ledger cannot be written (disk full)")

    monkeypatch.setattr(Ledger, "finish", full)
    async with stage_of() as stage:
        plan = Plan(stage.url)
        ledger = opened(tmp_path / "ledger", [make_case(seconds=0.2, name=name) for name in "ab"], plan)
        with pytest.raises(StoreError, match="disk full"):
            await play_all(ledger, plan, sessions=2)
        ledger.close()


async def test_workers_that_die_again_and_again(
    make_case: MakeCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(order: Any) -> int:
        return -9

    monkeypatch.setattr(fleet_module, "_run_process", die)
    plan = Plan("ws://127.0.0.1:9/v2")
    ledger = opened(tmp_path / "ledger", [make_case()], plan)
    with pytest.raises(ReplayError, match="worker processes die"):
        await play_all(ledger, plan, sessions=2, processes=2)
    ledger.close()


@pytest.mark.parametrize("processes", [pytest.param("1", marks=pytest.mark.slow), "2"])
async def test_kill_in_the_middle_and_go_on(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path, processes: str
) -> None:
    cases = [make_case(seconds=0.5, name=f"case{number}") for number in range(6)]
    manifest.save(tmp_path / "set.jsonl", "set", cases)
    path, out = tmp_path / "ledger", tmp_path / "events.parquet"
    async with stage_of() as stage:
        command = [
            sys.executable, "-m", "understudy", "replay", str(tmp_path / "set.jsonl"), "--to", stage.url,
            "--ledger", str(path), "--sessions", "2", "--processes", processes, "--out", str(out),
            "--budget-ms", "60000",
        ]  # fmt: skip
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        async with asyncio.timeout(60):
            # Two sessions are done when a fifth begins, at the earliest, and others are in the middle.
            while sum(packets > 0 for packets in stage.packets) < 4 and process.returncode is None:
                await asyncio.sleep(0.02)
        process.kill()
        await process.communicate()
        ledger = Ledger(path)
        before = {log.case_id: log for log in ledger.logs()}
        ledger.close()
        assert 0 < len(before) < len(cases)
        again = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        _, err = await asyncio.wait_for(again.communicate(), 60)
        assert again.returncode == 0, err.decode()
    logs = read_event_logs(out)["replay"]
    assert [log.case_id for log in logs] == [case.id for case in cases]
    assert {log.failure for log in logs} == {None}
    assert all(log == before.get(log.case_id, log) for log in logs)  # what was done is not played again
    assert all(log.events[-1].kind is Kind.ENDED for log in logs)


def _children() -> Any:
    """Ids of the worker processes of this one."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words, status = (entry / "cmdline").read_bytes(), (entry / "stat").read_text()
            except OSError:
                continue
            if b"mirror.replay.worker" in words and int(status.rpartition(")")[2].split()[1]) == os.getpid():
                yield int(entry.name)

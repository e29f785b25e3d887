"""The run loop asks everything once, interleaves, keeps order, counts failures, and reuses what is cached."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.results import Arm
from harness.runner import Progress, run_arms
from harness.runner.cache import EventLogCache
from testsets.case import Case
from testsets.events import EventLog


class Speaker:
    """Answers from a made world; notes when it was asked what."""

    def __init__(self, world: Any, digest: str, asked: list[tuple[str, str]], breaks_on: str = "") -> None:
        self.name = self.digest = digest
        self._world, self._asked, self._breaks_on = world, asked, breaks_on
        self.running = self.most = 0

    async def recognise(self, case: Case) -> EventLog:
        self._asked.append((self.digest, case.id))
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        if case.id == self._breaks_on:
            raise ConnectionError("the endpoint\nhung up")
        log: EventLog = self._world.answer(case, np.random.default_rng(1))
        return log


def asked_arms(world: Any, concurrency: int = 4, **how: Any) -> tuple[dict[str, list[EventLog]], list[Any], list[Case]]:
    cases, asked = world.cases(clusters=4, each=3), list[Any]()
    arms = {arm: Speaker(world, arm, asked, how.pop(f"{arm}_breaks", "")) for arm in Arm}
    logs = asyncio.run(run_arms(arms, cases, rng=np.random.default_rng(3), concurrency=concurrency, **how))
    return logs, asked, cases


@pytest.mark.parametrize("concurrency", [1, 5, 100])
def test_every_arm_answers_every_case_once_in_order(world: Any, concurrency: int) -> None:
    logs, asked, cases = asked_arms(world, concurrency)
    assert set(logs) == set(Arm)
    assert all([log.case_id for log in found] == [case.id for case in cases] for found in logs.values())
    assert len(asked) == len(set(asked)) == 3 * len(cases)


def test_arms_of_a_case_are_asked_together_and_cases_are_shuffled(world: Any) -> None:
    _, asked, cases = asked_arms(world, concurrency=1)
    triples = [asked[i : i + 3] for i in range(0, len(asked), 3)]
    assert all(len({case_id for _, case_id in triple}) == 1 for triple in triples)
    assert [triple[0][1] for triple in triples] != [case.id for case in cases]
    assert len({triple[0][0] for triple in triples}) == 3


def test_a_broken_session_is_a_log_with_its_reason(world: Any) -> None:
    logs, _, cases = asked_arms(world, candidate_breaks="s1-1")
    failed = {log.case_id: log.failure for log in logs[Arm.CANDIDATE] if log.failure}
    assert failed == {"s1-1": "ConnectionError: the endpoint hung up"}
    assert len(logs[Arm.CANDIDATE]) == len(cases)


def test_progress_counts_to_the_end(world: Any) -> None:
    seen: list[Progress] = []
    asked_arms(world, progress=seen.append)
    assert [p.done for p in seen] == list(range(1, 37))
    assert {p.total for p in seen} == {36}


def test_a_second_run_asks_only_what_failed(world: Any, tmp_path: Path) -> None:
    first, asked, _ = asked_arms(world, cache=EventLogCache(tmp_path), candidate_breaks="s0-0")
    assert len(asked) == 36
    second, again, _ = asked_arms(world, cache=EventLogCache(tmp_path))
    assert again == [("candidate", "s0-0")]
    assert second[Arm.CHAMPION] == first[Arm.CHAMPION]


def test_a_damaged_cache_entry_is_asked_again(world: Any, tmp_path: Path) -> None:
    asked_arms(world, cache=EventLogCache(tmp_path))
    damaged = next(tmp_path.rglob("*.parquet"))
    damaged.write_bytes(b"PAR1")
    _, again, _ = asked_arms(world, cache=EventLogCache(tmp_path))
    assert len(again) == 1


def test_nothing_to_do(world: Any) -> None:
    assert asyncio.run(run_arms({}, world.cases(), rng=np.random.default_rng(0))) == {}

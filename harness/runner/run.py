"""The run loop: all cases on all arms, shuffled and interleaved, so that no arm has the quieter machine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from harness.runner.cache import EventLogCache
from harness.runner.recogniser import Recogniser
from testsets.case import Case
from testsets.events import EventLog

Name = TypeVar("Name", bound=str)  # an Arm, or any other string


@dataclass(frozen=True, slots=True)
class Progress:
    """One answer came in."""

    done: int
    total: int
    arm: str
    case_id: str
    failure: str | None
    cached: bool


@dataclass(frozen=True, slots=True)
class _Job:
    arm: str
    place: int  # of the case in the test set


async def run_arms(
    arms: Mapping[Name, Recogniser],
    cases: Sequence[Case],
    *,
    rng: np.random.Generator,
    concurrency: int = 1,
    progress: Callable[[Progress], None] | None = None,
    cache: EventLogCache | None = None,
) -> dict[str, list[EventLog]]:
    """Ask every arm every case.

    Cases come in shuffled order; the arms of a case come one after another, in shuffled order too, so that what else
    the machine does falls on all arms alike.

    Args:
        arms: arm -> recogniser.
        cases: the test set.
        rng: of the order.
        concurrency: sessions at a time, over all arms.
        progress: called after each answer.
        cache: answers of earlier runs; failed sessions are never kept.

    Returns:
        arm -> logs in the order of ``cases``. A session that breaks is a log with its ``failure``.
    """
    asked: dict[str, Recogniser] = {str(arm): recogniser for arm, recogniser in arms.items()}
    jobs = _order(list(asked), len(cases), rng)
    waiting = deque(jobs)
    answers: dict[_Job, EventLog] = {}

    async def work() -> None:
        while waiting:
            job = waiting.popleft()
            case, digest = cases[job.place], asked[job.arm].digest
            kept = None if cache is None else await asyncio.to_thread(cache.get, digest, case, job.arm)
            log = await _ask(asked[job.arm], case) if kept is None else kept
            if cache is not None and kept is None and log.failure is None:
                # Off the loop: writing a file must not make another session's audio late.
                await asyncio.to_thread(cache.put, digest, case, job.arm, log)
            answers[job] = log
            if progress is not None:
                progress(Progress(len(answers), len(jobs), job.arm, case.id, log.failure, kept is not None))

    async with asyncio.TaskGroup() as group:
        for _ in range(max(concurrency, 1)):
            group.create_task(work())
    return {arm: [answers[_Job(arm, place)] for place in range(len(cases))] for arm in asked}


def _order(arms: list[str], cases: int, rng: np.random.Generator) -> list[_Job]:
    return [_Job(arms[a], int(place)) for place in rng.permutation(cases) for a in rng.permutation(len(arms))]


async def _ask(recogniser: Recogniser, case: Case) -> EventLog:
    try:
        return await recogniser.recognise(case)
    except Exception as error:
        # One broken session must not lose the others' answers; it is counted, and shown with its reason.
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return EventLog(case.id, recogniser.digest, case.audio.rate, (), reason)

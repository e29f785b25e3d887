"""Every arm asked every case, in one go or look by look until the answer is certain."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.gate.policy import Policy
from harness.gate.sequential import Decision, batches, decide_look, planned_looks
from harness.results import Arm, LookRecord
from harness.runner.recogniser import Recogniser
from harness.runner.run import Progress, run_arms
from harness.scoring.cases import score_logs
from testsets.case import Case
from testsets.events import EventLog
from understudy.telling import Told


@dataclass(slots=True)
class Asked:
    """The cases that were asked, what every arm answered, and at which look it ended; None without looks."""

    cases: list[Case] = field(default_factory=list)
    logs: dict[str, list[EventLog]] = field(default_factory=dict)
    look: LookRecord | None = None


def ask(
    recognisers: Mapping[Arm, Recogniser], cases: Sequence[Case], policy: Policy, sessions: int, told: Told
) -> Asked:
    """Ask all cases, or batches of them until a look of the policy says PASS or FAIL.

    Args:
        recognisers: by arm.
        cases: the whole test set.
        policy: its looks say when to stop; its seed orders the cases.
        sessions: live sessions at a time, over all arms.
        told: whom the replay tells how far it is.
    """
    rng, found, looks = np.random.default_rng(policy.seed), Asked(), planned_looks(policy)
    told.stage("replaying at the speed of speech", len(cases) * len(recognisers))
    for place, batch in enumerate(batches(cases, policy, rng)):
        for arm, logs in asyncio.run(_run(recognisers, batch, rng, sessions, told)).items():
            found.logs.setdefault(arm, []).extend(logs)
        found.cases += batch
        found.look = looks[place] if looks else None
        if found.look is None or found.look.number == found.look.planned:
            break
        units = score_logs(found.cases, found.logs, policy.rules)
        decision = decide_look(units, policy, found.look, np.random.default_rng(policy.seed))
        if decision is not Decision.CONTINUE:
            told.note(f"{decision.value} is certain after {len(found.cases)} of {len(cases)} cases")
            break
    return _in_order(found, cases)


async def _run(
    recognisers: Mapping[Arm, Recogniser], cases: Sequence[Case], rng: np.random.Generator, sessions: int, told: Told
) -> dict[str, list[EventLog]]:
    def progress(answer: Progress) -> None:
        told.step()
        if answer.failure is not None:
            told.note(f"{answer.arm.replace('_', ' ')} {answer.case_id}: {answer.failure}")

    return await run_arms(recognisers, cases, rng=rng, concurrency=sessions, progress=progress)


def _in_order(found: Asked, cases: Sequence[Case]) -> Asked:
    """The same in the order of the test set, so that looks change no order in the run folder."""
    asked = {id(case): place for place, case in enumerate(found.cases)}  # two cases may share an id, by mistake
    kept = [case for case in cases if id(case) in asked]
    logs = {arm: [given[asked[id(case)]] for case in kept] for arm, given in found.logs.items()}
    return Asked(kept, logs, found.look)

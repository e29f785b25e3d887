"""One gate from addresses to a judged run in a folder."""

from __future__ import annotations

import importlib.metadata
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from harness.gate.evaluate import evaluate
from harness.gate.policy import Policy
from harness.results import Arm, ArmRecord, Run, RunRecord
from harness.serial import to_dict
from mirror.replay import back_pressure, lateness
from testsets.case import Case
from testsets.events import EventLog
from understudy.arms import Opened, check_recogniser, open_arms
from understudy.asking import Asked, ask
from understudy.captured import read_store, record_reading
from understudy.cases import TRAFFIC, Gathered, check, gather, of_traffic
from understudy.errors import UsageError
from understudy.recognisers import DecodedFile
from understudy.run_files import write_inputs, write_results
from understudy.telling import Told
from understudy.traffic import choose, client_installed, record

VERSIONED = ("understudy", "numpy", "pyannote.metrics", "rapidfuzz", "websockets", "onnxruntime", "numba")


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for."""

    champion: str
    candidate: str
    testsets: tuple[str, ...]
    traffic: tuple[str, ...]  # folders and URLs of captured sessions
    fresh_sessions: int  # sessions of the real client to capture in front of the champion first
    policy: Policy
    out: Path
    sessions: int  # live sessions at a time, over all arms
    identities: tuple[Any, ...] = ()  # private keys, for traffic that is encrypted


def run_gate(request: Request, told: Told) -> Run:
    """Open the arms, capture fresh traffic, replay everything, judge, and write the folder.

    Raises:
        UsageError, and the packages' own errors: the request cannot be carried out; nothing stored before is touched.
    """
    begin = time.monotonic_ns()
    created = datetime.now(UTC)
    # Refuse bad input before minutes are spent on starting services.
    for recogniser in (request.candidate, request.champion):  # the default champion's alias asks the registry: seconds
        check_recogniser(recogniser)
    folder = _new_folder(request.out)
    at_least = 0 if request.fresh_sessions else 1
    for store in request.traffic:
        record_reading(store, "understudy gate", folder)
    named = gather(request.testsets, request.traffic, folder / "audio", request.identities, at_least)
    told.stage("starting recognisers", 1)
    with open_arms(request.champion, request.candidate, folder / "logs", request.sessions) as arms:
        told.step()
        gathered = named + _fresh_traffic(request, arms, named.cases, folder, told)
        check(gathered)
        for note in gathered.notes():
            told.note(note)
        recognisers = {arm: opened.recogniser for arm, opened in arms.items()}
        asked = ask(recognisers, gathered.cases, request.policy, request.sessions, told)
        _add_left_over(arms, gathered.cases, asked.logs)
    told.stage("judging", 2)
    write_inputs(folder, asked.cases, asked.logs)
    record_ = _record(request, arms, gathered, asked, created, time.monotonic_ns() - begin)
    run = evaluate(asked.cases, asked.logs, request.policy, record_, np.random.default_rng(request.policy.seed))
    told.step()
    write_results(folder, run)
    told.step()
    return run


def _new_folder(out: Path) -> Path:
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise UsageError(f"{out}: exists and is not empty; give --out another folder, nothing is overwritten")
    out.mkdir(parents=True, exist_ok=True)
    return out


def _fresh_traffic(
    request: Request, arms: Mapping[Arm, Opened], named: Sequence[Case], folder: Path, told: Told
) -> Gathered:
    champion = arms[Arm.CHAMPION].service
    if not request.fresh_sessions or champion is None:
        return Gathered()
    if not client_installed():
        told.note("speechmatics-rt is not installed: no fresh traffic; pip install 'understudy[client]' for it")
        return Gathered()
    curated = [case for case in named if case.tags.get("source") != TRAFFIC]
    cases = choose(curated, request.fresh_sessions, request.policy.seed)
    told.stage("capturing real client traffic", len(cases))
    record(cases, champion.url, folder / "captured", folder / "logs", told.step)
    return of_traffic("captured", read_store(folder / "captured", folder / "audio"))


def _add_left_over(arms: Mapping[Arm, Opened], cases: Sequence[Case], logs: dict[str, list[EventLog]]) -> None:
    for arm, opened in arms.items():
        if isinstance(opened.recogniser, DecodedFile):
            logs[arm] += opened.recogniser.left_over(case.id for case in cases)


def _record(
    request: Request,
    arms: Mapping[Arm, Opened],
    gathered: Gathered,
    asked: Asked,
    created: datetime,
    duration_ns: int,
) -> RunRecord:
    policy = request.policy
    return RunRecord(
        id=f"{created:%Y%m%dT%H%M%SZ}",
        created=created.isoformat(timespec="seconds"),
        seed=policy.seed,
        normaliser=policy.pack.signature,
        policy=to_dict(policy),
        policy_digest=policy.digest,
        arms=tuple(_arm_record(arm, opened) for arm, opened in arms.items()),
        test_sets=gathered.sources,
        versions={name: version for name in VERSIONED if (version := _version(name)) is not None},
        config={"sessions": request.sessions, **_fidelity(asked.logs), **_told_of(gathered)},
        duration_ns=duration_ns,
        look=asked.look,
    )


def _fidelity(logs: Mapping[str, Sequence[EventLog]]) -> dict[str, Any]:
    """How punctual the replay was, and, apart from it, how each arm took its audio."""
    pressures = {str(arm): back_pressure(found) for arm, found in logs.items()}
    return {
        "lateness": lateness(log for found in logs.values() for log in found).to_dict(),
        "back_pressure": {arm: found.to_dict() for arm, found in pressures.items() if found.packets},
    }


def _told_of(gathered: Gathered) -> dict[str, Any]:
    flagged = {case_id: [asdict(one) for one in found] for case_id, found in gathered.reactions.items()}
    return {"problems": list(gathered.problems), "reactions": flagged}


def _arm_record(arm: Arm, opened: Opened) -> ArmRecord:
    machine = platform.node() if opened.service is not None else None
    return ArmRecord(arm, opened.recogniser.name, opened.recogniser.digest, {}, machine)


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None

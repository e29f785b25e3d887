"""What one replay has to play: each case once, or as many clones with their own ids and phases. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from mirror.replay.driver import Limits
from mirror.replay.schedule import SECOND_NS
from mirror.replay.shape import Shape, reshape
from testsets.case import Case
from testsets.manifest import case_digest

_GOLDEN = (5**0.5 - 1) / 2  # multiples of it, modulo 1, fill an interval evenly however many there are


@dataclass(frozen=True, slots=True)
class Plan:
    """How a replay is to be played; equal plans over equal cases are the same replay."""

    address: str
    clones: int = 1
    shape: Shape | None = None  # None: each case in its own pacing
    window: int | None = None  # packets that may be unconfirmed; None plays in real time
    seed: int = 0
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Job:
    """One session to play."""

    case: Case  # its id is that of the session
    phase_ns: int  # begins so much later, so that clones do not speak in chorus


def jobs(cases: Sequence[Case], plan: Plan) -> Iterator[Job]:
    """Every session of a replay, the first clones of all cases first."""
    shaped = [case if plan.shape is None else reshape(case, plan.shape, _rng(plan, case)) for case in cases]
    for clone in range(plan.clones):
        for place, case in enumerate(shaped):
            name = case.id if clone == 0 else f"{case.id}#{clone + 1}"
            share = (clone * len(shaped) + place) * _GOLDEN % 1 if plan.clones > 1 else 0.0
            yield Job(replace(case, id=name), int(share * _packet_ns(case)))


def plan_digest(cases: Sequence[Case], plan: Plan) -> str:
    """Names the whole replay: what is played, and how."""
    content = [asdict(plan), [case_digest(case) for case in cases]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _rng(plan: Plan, case: Case) -> np.random.Generator:
    """Of one case, whatever else is played beside it."""
    return np.random.default_rng([plan.seed, *hashlib.sha256(case.id.encode()).digest()[:8]])


def _packet_ns(case: Case) -> int:
    frames = case.pacing.frames
    samples = case.audio.samples // len(frames) if frames else case.pacing.packet_samples
    return samples * SECOND_NS // case.audio.rate

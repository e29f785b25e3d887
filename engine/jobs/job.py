"""A job and its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a job stands; only the last four are for good."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"  # was taken, and could not be recognised
    DELETED = "deleted"  # by its user; only the counts of its usage are kept
    EXPIRED = "expired"  # deleted by the retention time

    @property
    def over(self) -> bool:
        """Nothing more will happen to it but deletion."""
        return self not in (State.QUEUED, State.RUNNING)

    @property
    def kept(self) -> bool:
        """Its audio and its configuration are still there."""
        return self not in (State.DELETED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a user should know about a job."""

    at_us: int  # microseconds since 1970, UTC
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """One recording to recognise."""

    id: str
    created_us: int  # microseconds since 1970, UTC
    data_name: str
    config: Mapping[str, Any]  # as sent
    operating_point: str
    samples: int  # of audio at 16 kHz; 0 while unknown
    state: State = State.QUEUED
    attempts: int = 0  # how often recognition began
    started_us: int | None = None
    finished_us: int | None = None
    remarks: tuple[Remark, ...] = ()
    owner: str = "anyone"  # who sent it, and who alone may see it


def timestamp(us: int) -> str:
    """Calendar time as the wire writes it.

    Args:
        us: microseconds since 1970, UTC.
    """
    whole, rest = divmod(us, 1_000_000)
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:06d}Z"

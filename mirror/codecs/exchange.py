"""Recognisers that take a whole file over HTTP, without I/O: which request comes next, and what the answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mirror.codecs import Target
from testsets.case import Case
from testsets.events import Event


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart form."""

    field: str
    name: str
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    target: Target
    form: Mapping[str, str] = field(default_factory=dict)  # multipart fields
    upload: Upload | None = None
    after_ns: int = 0  # wait so long first


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response."""

    status: int
    body: bytes
    at_ns: int


@dataclass(frozen=True, slots=True)
class Step:
    """What an answer meant, and what to ask next; a step without a request is the last one."""

    events: tuple[Event, ...] = ()
    request: Request | None = None


class Exchange(Protocol):
    """One case on one HTTP wire; it holds where it is."""

    def begin(self, url: str, case: Case, wav: bytes, token: str | None) -> Request:
        """The request that uploads the audio.

        Args:
            url: as the user gave it.
            case: what to recognise.
            wav: its audio as a 16 bit WAV file.
            token: the key, if one is needed.
        """
        ...

    def step(self, answer: Answer) -> Step:
        """What an answer means."""
        ...

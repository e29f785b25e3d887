"""Who knocked: somebody admitted, or the reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may come in; ``by_key`` tells an API key from a temporary token."""

    who: str
    by_key: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody may not: an HTTP status and one line."""

    status: HTTPStatus
    reason: str


ANYONE = Visitor("anyone")

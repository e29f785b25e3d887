"""The audit log of a store: who read or erased what, when and why. It can only grow, and a change of it is found.

An entry is written before anything is read or erased: what cannot be recorded does not happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mirror.errors import StoreError
from mirror.store.chain import Chain
from mirror.store.place import Place

AUDIT_FOLDER = "audit"
READ, ERASE = "read", "erase"  # what was done


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry."""

    at: str  # ISO 8601, UTC
    who: str
    action: str
    sessions: tuple[str, ...]
    why: str
    to: str | None = None  # folder that takes what is made of the sessions


class Audit:
    """The audit log of one place."""

    def __init__(self, place: Place) -> None:
        self._place, self._chain = place, Chain(place, AUDIT_FOLDER)

    def record(
        self, at: datetime, who: str, action: str, sessions: Sequence[str], why: str, to: str | None = None
    ) -> None:
        """Write an entry, which lasts when this returns.

        Raises:
            StoreError: it cannot be written, so that what it tells of must not be done.
        """
        body = {
            "at": at.isoformat(timespec="seconds"),
            "who": who,
            "action": action,
            "sessions": list(sessions),
            "why": why,
            "to": to,
        }
        try:
            self._chain.append(body)
        except OSError as error:
            what = f"what is done with this store cannot be recorded ({error.strerror or error}), so nothing is done"
            raise StoreError(f"{self._place.location}/{AUDIT_FOLDER}", f"{what}; make it writable") from None

    def deeds(self) -> Iterator[Deed]:
        """All entries, oldest first.

        Raises:
            StoreError: an entry was changed or left out.
        """
        for record in self._chain.records():
            yield _deed(record.body)


def _deed(body: Mapping[str, Any]) -> Deed:
    to = body.get("to")
    return Deed(
        at=str(body.get("at", "")),
        who=str(body.get("who", "")),
        action=str(body.get("action", "")),
        sessions=tuple(str(name) for name in body.get("sessions", ())),
        why=str(body.get("why", "")),
        to=None if to is None else str(to),
    )

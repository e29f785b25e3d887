"""What the runner knows of a recogniser."""

from __future__ import annotations

from typing import Protocol

from testsets.case import Case
from testsets.events import EventLog


class Recogniser(Protocol):
    """Anything that turns a case into an event log: a live service, a file of hypotheses, a program."""

    @property
    def name(self) -> str:
        """As the user calls it."""
        ...

    @property
    def digest(self) -> str:
        """Names the recogniser's exact content: two recognisers of one digest answer alike."""
        ...

    async def recognise(self, case: Case) -> EventLog:
        """Answer one case; a session that breaks is a log with its ``failure``, not an exception."""
        ...

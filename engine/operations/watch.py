"""The seam through which a session is watched: what came, what was done, what left, each at its moment."""

from __future__ import annotations

from typing import Protocol

from engine.actions import Action
from engine.protocol import ClientMessage, ServerMessage


class Watch(Protocol):
    """Whoever watches one session; called on the event loop, so it must be quick."""

    def received(self, message: ClientMessage) -> None:
        """A message of the client arrived."""

    def performing(self, action: Action) -> None:
        """The session asked for something of the engine."""

    def sent(self, message: ServerMessage) -> None:
        """A message was handed to the network."""

    def over(self) -> None:
        """The connection closed."""


class Unwatched:
    """Watches nothing."""

    def received(self, message: ClientMessage) -> None:
        """Ignored."""

    def performing(self, action: Action) -> None:
        """Ignored."""

    def sent(self, message: ServerMessage) -> None:
        """Ignored."""

    def over(self) -> None:
        """Ignored."""


UNWATCHED = Unwatched()

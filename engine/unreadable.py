"""Frames that no session can read: the client is told why, as of any other fault, before its connection closes.

The library closes with 1002, 1007 or 1009 by itself (RFC 6455); a client of the real-time protocol waits for an Error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import CloseCode
from websockets.protocol import State

from engine.protocol import Error, ErrorType, encode

_ERRORS: Mapping[int, ErrorType] = {
    CloseCode.PROTOCOL_ERROR: ErrorType.PROTOCOL_ERROR,
    CloseCode.INVALID_DATA: ErrorType.INVALID_MESSAGE,
    CloseCode.MESSAGE_TOO_BIG: ErrorType.DATA_ERROR,
}


class ExplainedConnection(ServerConnection):
    """A connection that sends an Error message before the close frame of a failure (RFC 6455, 7.1.7).

    Attributes:
        last_said: the session has said its last message, so nothing follows it.
    """

    last_said = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._fail: Callable[[CloseCode | int, str], None] = self.protocol.fail
        self.protocol.fail = self._explain_and_fail  # type: ignore[method-assign]  # its parser calls this one

    def _explain_and_fail(self, code: CloseCode | int, reason: str = "") -> None:
        kind = _ERRORS.get(code)
        if kind is not None and not self.last_said and self.protocol.state is State.OPEN:
            told = Error(kind, reason or "a frame that cannot be read", code=int(code))
            self.protocol.send_text(str(encode(told)).encode())
        self._fail(code, reason)

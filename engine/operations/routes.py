"""The plain HTTP of the service as a table: what it answers where; it is served and described by the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

MAX_TOKEN_SECONDS = 3_600

_READY: dict[str, Any] = {
    "type": "object",
    "required": ["ready", "sessions", "max_sessions", "recogniser", "keys_needed"],
    "additionalProperties": False,
    "properties": {
        "ready": {"type": "boolean", "description": "A session would be taken."},
        "sessions": {"type": "integer", "minimum": 0},
        "max_sessions": {"type": "integer", "minimum": 0, "description": "0 while no worker is ready."},
        "recogniser": {"type": "string", "description": "Digest of what recognises."},
        "keys_needed": {"type": "boolean", "description": "An API key or a token is asked for."},
    },
}
_TOKEN: dict[str, Any] = {
    "type": "object",
    "required": ["jwt", "expires_in"],
    "additionalProperties": False,
    "properties": {"jwt": {"type": "string"}, "expires_in": {"type": "integer", "description": "Seconds."}},
}
_TTL = {"type": "integer", "minimum": 1, "maximum": MAX_TOKEN_SECONDS, "description": "Seconds that it shall be good."}


@dataclass(frozen=True, slots=True)
class Reply:
    """One way in which a route may answer."""

    status: HTTPStatus
    about: str
    content_type: str | None = "text/plain"
    schema: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One address; ``guarded`` ones ask for a key or a token where the service has any."""

    name: str
    path: str
    about: str
    replies: tuple[Reply, ...]
    guarded: bool = False
    query: Mapping[str, dict[str, Any]] = field(default_factory=dict)


_UPGRADE = Reply(HTTPStatus.UPGRADE_REQUIRED, "Not a WebSocket handshake.")
_SWITCHED = Reply(HTTPStatus.SWITCHING_PROTOCOLS, "The session is open.", None)
_DOCUMENT = Reply(HTTPStatus.OK, "The document.", "application/json", {"type": "object"})

ROUTES = (
    Route(
        "page", "/", "A page that streams the microphone or a file.", (Reply(HTTPStatus.OK, "The page.", "text/html"),)
    ),
    Route("session", "/v2", "A real-time session, by WebSocket.", (_SWITCHED, _UPGRADE), guarded=True),
    Route(
        "live",
        "/live",
        "Whether the process should go on.",
        (
            Reply(HTTPStatus.OK, "It should."),
            Reply(HTTPStatus.SERVICE_UNAVAILABLE, "A step of the engine hangs: start it again."),
        ),
    ),
    Route(
        "ready",
        "/ready",
        "Whether a session would be taken.",
        (
            Reply(HTTPStatus.OK, "It would.", "application/json", _READY),
            Reply(HTTPStatus.SERVICE_UNAVAILABLE, "Full or stopping; see Retry-After.", "application/json", _READY),
        ),
    ),
    Route("metrics", "/metrics", "Prometheus.", (Reply(HTTPStatus.OK, "All meters."),), guarded=True),
    Route(
        "token",
        "/token",
        "A temporary token for a browser, for the bearer of an API key.",
        (
            Reply(HTTPStatus.OK, "The token.", "application/json", _TOKEN),
            Reply(HTTPStatus.BAD_REQUEST, "A ttl out of range."),
            Reply(HTTPStatus.NOT_FOUND, "Nothing is asked of anybody here, so there are no tokens."),
        ),
        guarded=True,
        query={"ttl": _TTL},
    ),
    Route("openapi", "/openapi.json", "This description of the plain HTTP.", (_DOCUMENT,)),
    Route("asyncapi", "/asyncapi.json", "The description of sessions.", (_DOCUMENT,)),
)

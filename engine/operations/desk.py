"""Who asks over plain HTTP, and who may open a session: requests in, answers out, no sockets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from websockets.http11 import Response

from engine.operations import answers, assets
from engine.operations.access import Access
from engine.operations.documents.asyncapi import asyncapi
from engine.operations.documents.openapi import openapi
from engine.operations.meters import CONTENT_TYPE, Meters, State
from engine.operations.routes import MAX_TOKEN_SECONDS
from engine.operations.tokens import TokenRule
from engine.operations.visitors import Refusal, Visitor
from engine.service_config import ServiceConfig

_ADDRESSES = "sessions are at /v2, health at /live and /ready, a page at /, what else there is in /openapi.json\n"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A request as far as it matters here.

    Attributes:
        target: path and query, as sent.
        host: as the client calls the service, with its port.
        authorization: every Authorization header.
        upgrade: whether it wants a WebSocket.
    """

    target: str
    host: str
    authorization: Sequence[str] = ()
    upgrade: bool = False


class Desk:
    """Answers what needs no session.

    Args:
        config: of the service.
        version: of the service.
        recogniser: digest of what recognises.
        state: asked for every answer that depends on it.
        stalled: whether the engine hangs.
        meters: what /metrics tells.
        now: seconds since 1970, for tokens.
    """

    def __init__(
        self,
        config: ServiceConfig,
        version: str,
        recogniser: str,
        state: Callable[[], State],
        stalled: Callable[[], bool],
        meters: Meters,
        now: Callable[[], int],
    ) -> None:
        self._config, self._version, self._recogniser = config, version, recogniser
        self._state, self._stalled, self._meters, self._now = state, stalled, meters, now
        self.access = Access()

    def answer(self, inquiry: Inquiry) -> Response | Visitor:
        """The answer; a Visitor when it is a session's handshake that may go on."""
        path, _, query = inquiry.target.partition("?")  # urlsplit raises on what a stranger may send
        match [part for part in path.split("/") if part]:
            case ["v2"] | ["v2", _]:
                return self._session(inquiry, query)
            case ["live"]:
                return self._live()
            case ["ready"]:
                return self._ready()
            case ["metrics"]:
                return self._metrics(inquiry, query)
            case ["token"]:
                return self._token(inquiry, query)
            case ["openapi.json"]:
                url = f"{'https' if self._secure else 'http'}://{inquiry.host}"
                return answers.json_object(HTTPStatus.OK, openapi(self._version, url, self._guarded))
            case ["asyncapi.json"]:
                body = asyncapi(self._version, inquiry.host, self._secure, self._guarded)
                return answers.json_object(HTTPStatus.OK, body)
        found = assets.asset_named(path)
        if found is None:
            return answers.text(HTTPStatus.NOT_FOUND, _ADDRESSES)
        return answers.answer(HTTPStatus.OK, *found, assets.HEADERS)

    @property
    def _secure(self) -> bool:
        return self._config.tls_certificate is not None

    @property
    def _guarded(self) -> bool:
        return not self.access.is_open

    def _admit(self, inquiry: Inquiry, query: str) -> Response | Visitor:
        verdict = self.access.judge(inquiry.authorization, query)
        if isinstance(verdict, Visitor):
            return verdict
        return self._refuse(verdict)

    def _refuse(self, refusal: Refusal) -> Response:
        self._meters.refused.labels(refusal.status.phrase.lower()).inc()
        more = {"WWW_Authenticate": "Bearer"} if refusal.status is HTTPStatus.UNAUTHORIZED else {}
        return answers.text(refusal.status, refusal.reason + "\n", **more)

    def _session(self, inquiry: Inquiry, query: str) -> Response | Visitor:
        if not inquiry.upgrade:
            text = "a session is a WebSocket; see /asyncapi.json\n"
            return answers.text(HTTPStatus.UPGRADE_REQUIRED, text, Upgrade="websocket")
        return self._admit(inquiry, query)

    def _live(self) -> Response:
        if self._stalled():
            return answers.text(HTTPStatus.SERVICE_UNAVAILABLE, "a step of the engine hangs\n")
        return answers.text(HTTPStatus.OK, "live\n")

    def _ready(self) -> Response:
        state = self._state()
        ready = state.sessions < state.places and not state.draining and not self._stalled()
        body = {
            "ready": ready,
            "sessions": state.sessions,
            "max_sessions": state.places,
            "recogniser": self._recogniser,
            "keys_needed": self._guarded,
        }
        if ready:
            return answers.json_object(HTTPStatus.OK, body)
        return answers.json_object(HTTPStatus.SERVICE_UNAVAILABLE, body, Retry_After=str(self._config.retry_after))

    def _metrics(self, inquiry: Inquiry, query: str) -> Response:
        admitted = self._admit(inquiry, query)
        if not isinstance(admitted, Visitor):
            return admitted
        return answers.answer(HTTPStatus.OK, self._meters.exposition(), CONTENT_TYPE, {})

    def _token(self, inquiry: Inquiry, query: str) -> Response:
        rule = self._issuing_rule()
        if rule is None:
            return answers.text(HTTPStatus.NOT_FOUND, "nobody needs a token here\n")
        admitted = self._admit(inquiry, query)
        if not isinstance(admitted, Visitor):
            return admitted
        if not admitted.by_key:  # or a token could be prolonged for ever
            return self._refuse(Refusal(HTTPStatus.FORBIDDEN, "a token is given for an API key only"))
        seconds = _ttl(query, self._config.token_seconds)
        if seconds is None:
            return answers.text(HTTPStatus.BAD_REQUEST, f"ttl is a whole number from 1 to {MAX_TOKEN_SECONDS}\n")
        jwt = rule.issue(admitted.who, self._now(), seconds)
        return answers.json_object(HTTPStatus.OK, {"jwt": jwt, "expires_in": seconds})

    def _issuing_rule(self) -> TokenRule | None:
        if self.access.keys is None:
            return None
        return next((rule for rule in self.access.rules if rule.algorithm == "HS256"), None)


def _ttl(query: str, default: int) -> int | None:
    given = parse_qs(query).get("ttl", [str(default)])
    text = given[0]
    seconds = int(text) if len(given) == 1 and text.isascii() and text.isdigit() and len(text) < 9 else 0
    return seconds if 1 <= seconds <= MAX_TOKEN_SECONDS else None

"""Who may come in: the keys, tokens and certificate of the live service guard the jobs too."""

from __future__ import annotations

import logging
import secrets
import ssl
from collections.abc import Awaitable, Callable

from aiohttp import web

from engine.jobs.errors import Refusal
from engine.operations.doors import read_access, read_certificate
from engine.operations.errors import OperationsError
from engine.operations.log import fields
from engine.operations.visitors import Visitor
from engine.service_config import ServiceConfig

LOG = logging.getLogger(__name__)
OWNER = web.RequestKey("owner", str)  # of a request: who sent it
_OPEN = ("/live", "/ready", "/openapi.json")
_ERRORS = {401: "Permission Denied", 403: "Forbidden"}


class Guard:
    """The door of one service.

    Raises:
        OperationsError: keys or certificate cannot be used.
    """

    def __init__(self, config: ServiceConfig) -> None:
        self._config = config
        self._secret = secrets.token_bytes(32)  # nobody gets tokens of it: they are issued by the live service
        self._access = read_access(config, self._secret)
        self.tls: ssl.SSLContext | None = read_certificate(config)

    def reload(self) -> None:
        """Read keys and certificate again, for requests to come; when they cannot be used, the old ones stay."""
        try:
            access = read_access(self._config, self._secret)
            read_certificate(self._config, self.tls)
        except OperationsError as error:
            LOG.error("reload failed, nothing was changed", extra=fields(where=error.where, reason=error.what))
            return
        self._access = access
        LOG.info("reloaded keys and certificate")

    @property
    def asks(self) -> bool:
        """A key or a token is needed."""
        return not self._access.is_open

    def admit(self, authorization: list[str], query: str) -> str:
        """Who it is.

        Args:
            authorization: every Authorization header of the request.
            query: of its address.

        Raises:
            Refusal: 401 or 403.
        """
        verdict = self._access.judge(authorization, query)
        if isinstance(verdict, Visitor):
            return verdict.who
        raise Refusal(verdict.status, _ERRORS.get(verdict.status, verdict.status.phrase), verdict.reason)

    @property
    def middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Puts the sender into every request but those that anybody may make."""

        @web.middleware
        async def judge(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if request.path not in _OPEN:
                request[OWNER] = self.admit(request.headers.getall("Authorization", []), request.query_string)
            return await handler(request)

        return judge

"""The service on its port: sessions at /v2 and /v2/{language}, health at /live and /ready."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import uuid
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.http11 import Request, Response

from engine.connection import Connection
from engine.hearing import Engine
from engine.protocol import CloseCode
from engine.scheduler import Scheduler
from engine.service_config import ServiceConfig
from engine.session import Session

# A port scan or a health check on the bare port is not an event of this service.
_SOCKET_LOG = logging.getLogger("engine.server.sockets")
_SOCKET_LOG.setLevel(logging.CRITICAL)


class Service:
    """A running service: ``async with Service(engine, config, version) as service: service.port``."""

    def __init__(self, engine: Engine, config: ServiceConfig, version: str) -> None:
        self._config, self._version = config, version
        self._scheduler = Scheduler(engine, config.max_sessions, config.max_batch, config.queue_bytes)
        self._digest = engine.digest
        self._draining = False
        self._hurried = asyncio.Event()
        self._server: Server | None = None
        self._port = config.port

    @property
    def port(self) -> int:
        """The port it listens on, once it does."""
        return self._port

    @property
    def url(self) -> str:
        """Where clients connect."""
        host = f"[{self._config.host}]" if ":" in self._config.host else self._config.host
        return f"ws://{host}:{self.port}/v2"

    async def __aenter__(self) -> Service:
        """Start listening.

        Raises:
            OSError: the port cannot be taken.
        """
        self._server = await listen(
            self._serve_client,
            self._config.host,
            self._config.port,
            process_request=self._answer_http,
            compression=None,  # audio does not shrink, and it would cost more than the recogniser
            max_size=self._config.max_frame_bytes,
            max_queue=8,
            ping_timeout=60,
            logger=_SOCKET_LOG,
        )
        self._port = int(next(iter(self._server.sockets)).getsockname()[1])
        self._scheduler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drain and stop."""
        await self.drain()
        self._scheduler.stop()

    def hurry(self) -> None:
        """Stop waiting for running sessions."""
        self._hurried.set()

    async def drain(self) -> None:
        """Refuse new sessions, let the running ones end, and close what is left after the drain timeout."""
        assert self._server is not None
        self._draining = True
        self._server.close(close_connections=False)
        closed = asyncio.create_task(self._server.wait_closed())
        hurried = asyncio.create_task(self._hurried.wait())
        await asyncio.wait((closed, hurried), timeout=self._config.drain_timeout, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        left = [socket.close(CloseCode.GOING_AWAY, "the service stops") for socket in self._server.connections]
        await asyncio.gather(*left)
        await closed

    async def _serve_client(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        session = Session(str(uuid.uuid4()), self._version, _language(socket.request.path))
        await Connection(socket, session, self._scheduler, self._config.start_timeout).run()

    def _answer_http(self, socket: ServerConnection, request: Request) -> Response | None:
        """Health and refusals; None lets the WebSocket handshake go on."""
        match _parts(request.path):
            case ["v2"] | ["v2", _]:
                return None
            case ["live"]:
                return socket.respond(HTTPStatus.OK, "live\n")
            case ["ready"]:
                return socket.respond(*self._readiness())
            case _:
                return socket.respond(HTTPStatus.NOT_FOUND, "sessions are at /v2, health at /live and /ready\n")

    def _readiness(self) -> tuple[HTTPStatus, str]:
        sessions, places = self._scheduler.sessions, self._config.max_sessions
        ready = sessions < places and not self._draining
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        body = {"ready": ready, "sessions": sessions, "max_sessions": places, "recogniser": self._digest}
        return status, json.dumps(body) + "\n"


async def serve(engine: Engine, config: ServiceConfig, version: str, on_ready: Callable[[Service], None]) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second signal stops at once.

    Raises:
        OSError: the port cannot be taken.
    """
    stop = asyncio.Event()
    async with Service(engine, config, version) as service:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: service.hurry() if stop.is_set() else stop.set())
        on_ready(service)
        await stop.wait()


def _parts(path: str) -> list[str]:
    return [part for part in urlsplit(path).path.split("/") if part]


def _language(path: str) -> str | None:
    parts = _parts(path)
    return parts[1] if len(parts) == 2 else None

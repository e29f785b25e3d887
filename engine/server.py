"""The service on its port: sessions at /v2 and /v2/{language}, health at /live and /ready."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
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


def bind(host: str, port: int) -> socket.socket:
    """Take a port before anything slow is loaded; it refuses clients until a Service listens on it.

    Raises:
        OSError: there is no such address, or the port is taken.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    taken = socket.socket(family, kind, protocol)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
    except OSError:
        taken.close()
        raise
    return taken


class Service:
    """A running service: ``async with Service(engine, config, version) as service: service.port``.

    Args:
        engine: what recognises.
        config: how to run.
        version: told to clients.
        bound: a socket from ``bind``; None takes the configured port when the service starts.
    """

    def __init__(self, engine: Engine, config: ServiceConfig, version: str, bound: socket.socket | None = None) -> None:
        self._config, self._version, self._bound = config, version, bound
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
        bound = self._bound or bind(self._config.host, self._config.port)
        self._server = await listen(
            self._serve_client,
            sock=bound,
            process_request=self._answer_http,
            compression=None,  # audio does not shrink, and it would cost more than the recogniser
            max_size=self._config.max_frame_bytes,
            max_queue=8,
            ping_timeout=60,
            logger=_SOCKET_LOG,
        )
        self._port = int(bound.getsockname()[1])
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
        left = [client.close(CloseCode.GOING_AWAY, "the service stops") for client in self._server.connections]
        await asyncio.gather(*left)
        await closed

    async def _serve_client(self, client: ServerConnection) -> None:
        assert client.request is not None
        session = Session(str(uuid.uuid4()), self._version, _language(client.request.path))
        await Connection(client, session, self._scheduler, self._config.start_timeout).run()

    def _answer_http(self, client: ServerConnection, request: Request) -> Response | None:
        """Health and refusals; None lets the WebSocket handshake go on."""
        match _parts(request.path):
            case ["v2"] | ["v2", _]:
                return None
            case ["live"]:
                return client.respond(HTTPStatus.OK, "live\n")
            case ["ready"]:
                return client.respond(*self._readiness())
            case _:
                return client.respond(HTTPStatus.NOT_FOUND, "sessions are at /v2, health at /live and /ready\n")

    def _readiness(self) -> tuple[HTTPStatus, str]:
        sessions, places = self._scheduler.sessions, self._config.max_sessions
        ready = sessions < places and not self._draining
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        body = {"ready": ready, "sessions": sessions, "max_sessions": places, "recogniser": self._digest}
        return status, json.dumps(body) + "\n"


async def serve(service: Service, on_ready: Callable[[Service], None]) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second signal stops at once.

    Raises:
        OSError: the port cannot be taken.
    """
    stop = asyncio.Event()
    async with service:
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

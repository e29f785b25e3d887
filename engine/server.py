"""The service on its port: sessions at /v2 and /v2/{language}, and the plain HTTP of ``engine.operations.desk``."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import socket
import ssl
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic_ns
from types import TracebackType
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.http11 import Request, Response

from engine.connection import Connection
from engine.hearing import Engine
from engine.in_process import InProcess
from engine.operations.desk import Desk, Inquiry
from engine.operations.doors import read_access, read_certificate
from engine.operations.errors import OperationsError
from engine.operations.log import fields
from engine.operations.meters import Meters, State
from engine.operations.session_watch import SessionWatch
from engine.operations.tokens import MIN_SECRET
from engine.operations.visitors import ANYONE, Visitor
from engine.protocol import CloseCode
from engine.recognition import Recognition
from engine.service_config import ServiceConfig
from engine.session import Session
from engine.unreadable import ExplainedConnection
from engine.workers.pool import WorkerPool

LOG = logging.getLogger(__name__)
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
        engine: what recognises, in this process; or workers that do, which have been started.
        config: how to run.
        version: told to clients.
        bound: a socket from ``bind``; None takes the configured port when the service starts.
    """

    def __init__(
        self, engine: Engine | WorkerPool, config: ServiceConfig, version: str, bound: socket.socket | None = None
    ) -> None:
        self._config, self._version, self._bound = config, version, bound
        self._meters = Meters(self._state, version, engine.digest)
        self._recognition: Recognition
        self._pool = engine if isinstance(engine, WorkerPool) else None
        if isinstance(engine, WorkerPool):
            engine.report_to(self._meters)
            self._recognition = engine
        else:
            self._recognition = InProcess(engine, config, self._meters)
        self._models = engine.models
        self._desk = Desk(config, version, engine.digest, self._state, self._stalled, self._meters, _now)
        self._own_secret = secrets.token_bytes(MIN_SECRET)
        self._tls: ssl.SSLContext | None = None
        self._visitors: WeakKeyDictionary[ServerConnection, Visitor] = WeakKeyDictionary()
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
        return f"{'ws' if self._config.tls_certificate is None else 'wss'}://{host}:{self.port}/v2"

    async def __aenter__(self) -> Service:
        """Start listening.

        Raises:
            OSError: the port cannot be taken.
            OperationsError: keys or certificate cannot be used.
        """
        self._desk.access = read_access(self._config, self._own_secret)
        self._tls = read_certificate(self._config)
        bound = self._bound or bind(self._config.host, self._config.port)
        self._server = await listen(
            self._serve_client,
            sock=bound,
            ssl=self._tls,
            server_header=None,  # nobody needs to know what serves
            process_request=self._answer_http,
            compression=None,  # audio does not shrink, and it would cost more than the recogniser
            max_size=self._config.max_frame_bytes,
            max_queue=8,
            create_connection=ExplainedConnection,
            ping_timeout=60,
            logger=_SOCKET_LOG,
        )
        self._port = int(bound.getsockname()[1])
        self._recognition.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drain and stop."""
        await self.drain()
        self._recognition.stop()

    def reload(self) -> None:
        """Read keys and certificate again, for connections to come; when they cannot be used, the old ones stay."""
        try:
            access = read_access(self._config, self._own_secret)
            read_certificate(self._config, self._tls)
        except OperationsError as error:
            LOG.error("reload failed, nothing was changed", extra=fields(where=error.where, reason=error.what))
            return
        self._desk.access = access
        LOG.info("reloaded keys and certificate")

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
        assert isinstance(client, ExplainedConnection)  # as it was asked of the library
        assert client.request is not None
        path = client.request.path
        watch = SessionWatch(self._meters, monotonic_ns, self._visitors.get(client, ANYONE).who)
        session = Session(str(uuid.uuid4()), self._version, _language(path), self._models, _spoken(path))
        await Connection(client, session, self._recognition, self._config.start_timeout, watch).run()

    def _answer_http(self, client: ServerConnection, request: Request) -> Response | None:
        """Everything that is no session; None lets the WebSocket handshake go on."""
        inquiry = Inquiry(
            request.path,
            (request.headers.get_all("Host") or [f"{self._config.host}:{self.port}"])[0],
            request.headers.get_all("Authorization"),
            upgrade=bool(request.headers.get_all("Upgrade")),
        )
        answer = self._desk.answer(inquiry)
        if isinstance(answer, Visitor):
            self._visitors[client] = answer
            return None
        return answer

    def _state(self) -> State:
        now = self._recognition
        workers = () if self._pool is None else self._pool.states()
        return State(now.sessions, now.places, now.waiting, self._draining, now.real_time_factor, workers)

    def _stalled(self) -> bool:
        return self._recognition.busy_for > self._config.stall_timeout * 1e9


async def serve(service: Service, on_ready: Callable[[Service], None]) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second one stops at once; SIGHUP reads keys and certificate again.

    Raises:
        OSError: the port cannot be taken.
        OperationsError: keys or certificate cannot be used.
    """
    stop = asyncio.Event()
    async with service:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: service.hurry() if stop.is_set() else stop.set())
        loop.add_signal_handler(signal.SIGHUP, service.reload)
        on_ready(service)
        await stop.wait()


def _language(path: str) -> str | None:
    parts = [part for part in urlsplit(path).path.split("/") if part]
    return parts[1] if len(parts) == 2 else None


def _spoken(path: str) -> bool:
    """Whether the address asks for bare words: ``?words=spoken``."""
    return parse_qs(urlsplit(path).query).get("words") == ["spoken"]


def _now() -> int:
    return int(datetime.now(UTC).timestamp())

"""The service of jobs on its port: /v2/jobs, /v2/usage, /metrics, health at /live and /ready."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType

from aiohttp import web

from engine.jobs.desk import Desk
from engine.jobs.failures import in_the_apis_words
from engine.jobs.folder import DataFolder
from engine.jobs.guard import Guard
from engine.jobs.meters import JobMeters
from engine.jobs.recognition import Offline
from engine.jobs.routes import Routes, Told
from engine.jobs.settings import JobSettings
from engine.jobs.store import Store
from engine.jobs.waiting import Waiting
from engine.jobs.workers import Workers
from engine.operations.log import fields
from engine.server import bind
from engine.service_config import ServiceConfig

LOG = logging.getLogger(__name__)
SWEEP_S = 600.0  # seconds between two looks for jobs whose time is over
# A port scan or a broken connection is not an event of this service; failures of ours are logged by themselves.
_SOCKET_LOG = logging.getLogger("engine.jobs.sockets")
_SOCKET_LOG.setLevel(logging.CRITICAL)
SHUTDOWN_S = 5.0  # seconds that requests get to end


def calendar_us() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1_000


def judge_start(settings: JobSettings, doors: ServiceConfig) -> None:
    """Fail now, before anything slow is loaded, if a service could not start so.

    Raises:
        StoreError: the data folder cannot be used.
        OperationsError: keys or certificate cannot be used.
    """
    DataFolder(settings.data).close()
    Guard(doors)


class JobService:
    """A running service: ``async with JobService(settings, recognisers, version) as service: service.url``.

    Args:
        recognisers: by operating point, at least one.
        version: told in transcripts.
        doors: where keys, tokens' secrets and the certificate are; by default everybody may come in.
        bound: a socket that is bound already; None takes the configured port when the service starts.
        clock: calendar time, microseconds since 1970.
    """

    def __init__(
        self,
        settings: JobSettings,
        recognisers: Mapping[str, Offline],
        version: str,
        doors: ServiceConfig | None = None,
        bound: socket.socket | None = None,
        clock: Callable[[], int] = calendar_us,
    ) -> None:
        self._settings, self._recognisers, self._version = settings, recognisers, version
        self._doors, self._bound, self._clock = doors or ServiceConfig(), bound, clock
        self._closing = AsyncExitStack()
        self._port = settings.port

    @property
    def port(self) -> int:
        """The port it listens on, once it does."""
        return self._port

    @property
    def url(self) -> str:
        """Where clients of the API are pointed."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        return f"{'https' if self._doors.tls_certificate else 'http'}://{host}:{self.port}/v2"

    async def __aenter__(self) -> JobService:
        """Take the data folder, go on with its jobs, and listen.

        Raises:
            StoreError: the data folder cannot be used.
            OperationsError: keys or certificate cannot be used.
            OSError: the port cannot be taken.
        """
        try:
            await self._open()
        except BaseException:
            await self._closing.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and recognising; unfinished jobs go on after the next start."""
        await self._closing.aclose()

    def reload(self) -> None:
        """Read keys and certificate again, for requests to come; when they cannot be used, the old ones stay."""
        self._guard.reload()

    async def _open(self) -> None:
        self._guard = Guard(self._doors)
        folder = DataFolder(self._settings.data)
        self._closing.callback(folder.close)
        store = Store(folder.database)
        self._closing.callback(store.close)
        folder.sweep(store.kept())
        waiting = Waiting()
        desk = Desk(store, folder, self._settings, self._recognisers.keys(), self._clock)
        digests = {point: recogniser.digest for point, recogniser in self._recognisers.items()}
        meters = JobMeters(store.waiting, self._version, digests)
        workers = Workers(store, folder, self._recognisers, self._settings, meters, self._clock, waiting.tell)
        workers.start()
        self._closing.push_async_callback(asyncio.to_thread, workers.stop)
        expiry = asyncio.create_task(self._expire(desk))
        self._closing.callback(expiry.cancel)
        told = Told(digests, self._version, self._clock, lambda: self._guard.asks)
        await self._listen(Routes(desk, workers, waiting, self._settings, meters, told))

    async def _listen(self, routes: Routes) -> None:
        app = web.Application(middlewares=[in_the_apis_words, self._guard.middleware])
        routes.add_to(app)
        linger = self._settings.linger
        runner = web.AppRunner(
            app, access_log=None, logger=_SOCKET_LOG, shutdown_timeout=SHUTDOWN_S, lingering_time=linger
        )
        await runner.setup()
        self._closing.push_async_callback(runner.cleanup)
        bound = self._bound or bind(self._settings.host, self._settings.port)
        site = web.SockSite(runner, bound, ssl_context=self._guard.tls)
        await site.start()
        self._port = runner.addresses[0][1]

    async def _expire(self, desk: Desk) -> None:
        while True:
            try:
                if deleted := await asyncio.to_thread(desk.expire):
                    LOG.info("jobs were deleted, their time was over", extra=fields(jobs=deleted))
            except (OSError, sqlite3.Error):
                LOG.exception("jobs whose time is over could not be deleted; will try again")
            await asyncio.sleep(SWEEP_S)


async def serve(service: JobService, on_ready: Callable[[JobService], None]) -> None:
    """Serve until SIGTERM or SIGINT; jobs that are unfinished then go on after the next start. SIGHUP reads keys again.

    Raises:
        StoreError: the data folder cannot be used.
        OperationsError: keys or certificate cannot be used.
        OSError: the port cannot be taken.
    """
    stop = asyncio.Event()
    async with service:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, service.reload)
        on_ready(service)
        await stop.wait()

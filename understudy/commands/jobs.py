"""``understudy jobs``: the reference recogniser over uploaded recordings, as batch REST v2."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from understudy import __version__
from understudy.errors import UsageError
from understudy.home import home
from understudy.models import resolve_model

if TYPE_CHECKING:
    from engine.jobs.offline import OfflineRecogniser
    from engine.jobs.server import JobService
    from engine.jobs.settings import JobSettings


def jobs(
    model: Annotated[
        str, typer.Option(help="Serves 'standard': reference/3, models:/reference@champion, or a model folder.")
    ] = "reference/latest",
    enhanced: Annotated[str, typer.Option(help="Serves 'enhanced': such as enhanced/1; none by default.")] = "",
    data: Annotated[
        Path | None, typer.Option(help="Folder of the jobs. [default: .understudy/jobs]")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 lets the system choose.")] = 9_001,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Recordings recognised at a time, a core each.")] = 1,
    max_queued: Annotated[int, typer.Option(min=1, help="Jobs that wait; the next one is refused.")] = 1_000,
    max_mib: Annotated[int, typer.Option(min=1, help="MiB of one recording.")] = 1_024,
    max_hours: Annotated[float, typer.Option(min=0.01, help="Hours of one recording.")] = 24.0,
    retention: Annotated[float, typer.Option(min=0.01, help="Hours after which a finished job is deleted.")] = 168.0,
) -> None:
    """Serve batch REST v2 at http://HOST:PORT/v2, with health at /live and /ready.

    Jobs survive a restart. Prints one JSON line with its port when it is ready; SIGTERM or SIGINT stops it.
    """
    folders = {"standard": resolve_model(model), **({"enhanced": resolve_model(enhanced)} if enhanced else {})}
    try:
        from engine.jobs.settings import JobSettings
        from engine.server import bind

        bound = bind(host, port)
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from None
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port") from None
    recognisers = {point: _load(folder) for point, folder in folders.items()}
    settings = JobSettings(
        data or home() / "jobs", host, port, workers, max_queued, max_mib << 20, max_hours, retention
    )
    logging.basicConfig(format="understudy: %(message)s", level=logging.WARNING)
    asyncio.run(_run(settings, recognisers, bound))


def _load(folder: Path) -> OfflineRecogniser:
    try:
        from engine.jobs.offline import OfflineRecogniser
        from engine.recogniser import Recogniser
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from None
    return OfflineRecogniser(Recogniser.load(folder))


def _not_installed(missing: ModuleNotFoundError) -> UsageError:
    return UsageError(
        f"the recogniser needs the package {missing.name!r}; install it with: pip install 'understudy[engine]'"
    )


async def _run(settings: JobSettings, recognisers: dict[str, OfflineRecogniser], bound: socket.socket) -> None:
    try:
        from engine.jobs.errors import StoreError
        from engine.jobs.server import JobService, serve
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from None

    def tell(service: JobService) -> None:
        ready = {
            "ready": True,
            "host": settings.host,
            "port": service.port,
            "url": service.url,
            "data": str(settings.data),
            "recognisers": {point: recogniser.digest for point, recogniser in recognisers.items()},
            "workers": settings.workers,
        }
        print(json.dumps(ready), flush=True)

    try:
        await serve(JobService(settings, recognisers, __version__, bound), tell)
    except StoreError as error:
        raise UsageError(str(error)) from None

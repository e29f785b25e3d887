"""``understudy jobs``: the reference recogniser over uploaded recordings, as batch REST v2."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from engine.acoustic.executor_choice import Choice
from understudy import __version__
from understudy.errors import UsageError
from understudy.home import home
from understudy.models import resolve_model

if TYPE_CHECKING:
    from engine.jobs.offline import OfflineRecogniser
    from engine.jobs.server import JobService
    from engine.jobs.settings import JobSettings
    from engine.service_config import ServiceConfig


def jobs(
    model: Annotated[
        str, typer.Option(help="Serves 'standard': reference/3, models:/reference@champion, or a model folder.")
    ] = "reference/latest",
    enhanced: Annotated[str, typer.Option(help="Serves 'enhanced': such as enhanced/1; none by default.")] = "",
    data: Annotated[Path | None, typer.Option(help="Folder of the jobs. [default: .understudy/jobs]")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 lets the system choose.")] = 9_001,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Recordings recognised at a time, a core each.")] = 1,
    body: Annotated[
        Choice, typer.Option(help="Computes the body: 'own' compiled step, 'ort' ONNX Runtime, or the faster one here.")
    ] = Choice.AUTO,
    max_queued: Annotated[int, typer.Option(min=1, help="Jobs that wait; the next one is refused.")] = 1_000,
    max_mib: Annotated[int, typer.Option(min=1, help="MiB of one recording.")] = 1_024,
    max_hours: Annotated[float, typer.Option(min=0.01, help="Hours of one recording.")] = 24.0,
    retention: Annotated[float, typer.Option(min=0.01, help="Hours after which a finished job is deleted.")] = 168.0,
    keys: Annotated[Path | None, typer.Option(help="File of API keys, made by `understudy keys`.")] = None,
    jwt_public_key: Annotated[Path | None, typer.Option(help="PEM of an RSA key whose RS256 tokens are taken.")] = None,
    jwt_audience: Annotated[str | None, typer.Option(help="What every token must name as its audience.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="PEM of the certificate and its chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM of the certificate's key.")] = None,
) -> None:
    """Serve batch REST v2 at http://HOST:PORT/v2, with health at /live and /ready.

    Jobs survive a restart. Prints one JSON line with its port when it is ready; SIGTERM or SIGINT stops it, SIGHUP
    reads keys and certificate again. API keys may also come as hashes in UNDERSTUDY_API_KEYS, and the secret of HS256
    tokens in UNDERSTUDY_JWT_SECRET.
    """
    if (tls_cert is None) is not (tls_key is None):
        raise UsageError("--tls-cert and --tls-key belong together; give both")
    folders = {"standard": resolve_model(model), **({"enhanced": resolve_model(enhanced)} if enhanced else {})}
    limits = (workers, max_queued, max_mib << 20, max_hours, retention)
    doors = {
        "keys_file": keys,
        "key_digests": tuple(os.environ.get("UNDERSTUDY_API_KEYS", "").replace(",", " ").split()),
        "jwt_secret": os.environ["UNDERSTUDY_JWT_SECRET"].encode() if os.environ.get("UNDERSTUDY_JWT_SECRET") else None,
        "jwt_public_key": jwt_public_key,
        "jwt_audience": jwt_audience,
        "tls_certificate": tls_cert,
        "tls_key": tls_key,
    }
    prepared = _prepare((data or home() / "jobs", host, port, *limits), doors)
    recognisers = {point: _load(folder, body) for point, folder in folders.items()}
    asyncio.run(_run(prepared, recognisers))


class _Prepared(NamedTuple):
    settings: JobSettings
    doors: ServiceConfig
    bound: socket.socket


def _prepare(chosen: tuple[Any, ...], guarding: dict[str, Any]) -> _Prepared:
    """Judge everything that an operator gave, and take the port, before anything slow is loaded."""
    try:
        from engine.jobs.errors import StoreError
        from engine.jobs.server import judge_start
        from engine.jobs.settings import JobSettings
        from engine.operations.errors import OperationsError
        from engine.operations.log import log_json
        from engine.server import bind
        from engine.service_config import ServiceConfig
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from None
    settings, doors = JobSettings(*chosen), ServiceConfig(**guarding)
    try:
        bound = bind(settings.host, settings.port)
        judge_start(settings, doors)
    except (StoreError, OperationsError) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        reason = f"{error.strerror or error}; choose another --port"
        raise UsageError(f"cannot listen on {settings.host}:{settings.port}: {reason}") from None
    log_json("info")
    return _Prepared(settings, doors, bound)


def _load(folder: Path, body: Choice) -> OfflineRecogniser:
    try:
        from engine.jobs.offline import OfflineRecogniser
        from engine.recogniser import Recogniser
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from None
    return OfflineRecogniser(Recogniser.load(folder, executor=body))


def _not_installed(missing: ModuleNotFoundError) -> UsageError:
    return UsageError(
        f"the recogniser needs the package {missing.name!r}; install it with: pip install 'understudy[engine]'"
    )


async def _run(prepared: _Prepared, recognisers: dict[str, OfflineRecogniser]) -> None:
    from engine.jobs.errors import StoreError
    from engine.jobs.server import JobService, serve

    settings = prepared.settings

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
        await serve(JobService(settings, recognisers, __version__, prepared.doors, prepared.bound), tell)
    except StoreError as error:
        raise UsageError(str(error)) from None

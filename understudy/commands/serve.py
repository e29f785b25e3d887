"""``understudy serve``: the reference recogniser as a real-time service."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import os
import socket
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from time import monotonic_ns, thread_time_ns
from typing import TYPE_CHECKING, Annotated

import typer

from engine.acoustic.executor_choice import Choice
from understudy import __version__
from understudy.errors import UsageError
from understudy.home import home
from understudy.models import resolve_model

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from engine.batched import BatchedRecogniser
    from engine.operations.capacity import CostTable
    from engine.service_config import ServiceConfig
    from engine.workers.pool import WorkerPool
    from engine.workers.worker import Load, Loaded

LOG = logging.getLogger(__name__)
MOST_WORKERS = 256
DEVICE_SESSIONS = 1_024  # slots on a device, where no number is asked for
DEVICE_BATCH = 256
SPEECH_SECONDS = 20  # of the embedded set, to measure costs with


class Device(StrEnum):
    """What the body of a model is computed on."""

    CPU = "cpu"
    CUDA = "cuda"


class LogLevel(StrEnum):
    """What is logged: this and everything graver."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def serve(
    model: Annotated[
        str, typer.Option(help="Serves 'standard': reference/3, models:/reference@champion, or a model folder.")
    ] = "reference/latest",
    enhanced: Annotated[str, typer.Option(help="Serves 'enhanced': such as enhanced/1; none by default.")] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 lets the system choose.")] = 9_000,
    max_sessions: Annotated[
        int | None, typer.Option(min=1, help="Sessions at a time; measured by default. The next one is refused.")
    ] = None,
    workers: Annotated[
        str, typer.Option(help="Processes that recognise, one for each core; 'auto' takes all cores there are.")
    ] = "1",
    body: Annotated[
        Choice, typer.Option(help="Computes the body: 'own' compiled step, 'ort' ONNX Runtime, or the faster one here.")
    ] = Choice.AUTO,
    device: Annotated[
        Device, typer.Option(help="Where the body is computed: 'cuda' takes the first GPU.")
    ] = Device.CPU,
    measure: Annotated[bool, typer.Option("--measure", help="Measure costs again, though they are known.")] = False,
    drain: Annotated[float, typer.Option(min=0, help="Seconds that running sessions may go on after SIGTERM.")] = 30.0,
    keys: Annotated[Path | None, typer.Option(help="File of API keys, made by `understudy keys`.")] = None,
    jwt_public_key: Annotated[Path | None, typer.Option(help="PEM of an RSA key whose RS256 tokens are taken.")] = None,
    jwt_audience: Annotated[str | None, typer.Option(help="What every token must name as its audience.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="PEM of the certificate and its chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM of the certificate's key.")] = None,
    log_level: Annotated[LogLevel, typer.Option(help="What is logged, as lines of JSON on stderr.")] = LogLevel.INFO,
) -> None:
    """Serve real-time v2 at ws://HOST:PORT/v2, a page at /, health at /live and /ready, and /metrics.

    Prints one JSON line with its port when it is ready; SIGTERM or SIGINT drains it, a second one stops it at once;
    SIGHUP reads keys and certificate again. API keys may also come as hashes in UNDERSTUDY_API_KEYS, and the secret of
    HS256 tokens in UNDERSTUDY_JWT_SECRET.
    """
    if (tls_cert is None) is not (tls_key is None):
        raise UsageError("--tls-cert and --tls-key belong together; give both")
    count = count_workers(workers)
    if device is Device.CUDA:
        check_device(count, body)
    folders = [resolve_model(model), *([resolve_model(enhanced)] if enhanced else [])]
    bound, config = _prepare(
        host=host,
        port=port,
        drain_timeout=drain,
        keys_file=keys,
        key_digests=tuple(os.environ.get("UNDERSTUDY_API_KEYS", "").replace(",", " ").split()),
        jwt_secret=os.environ["UNDERSTUDY_JWT_SECRET"].encode() if os.environ.get("UNDERSTUDY_JWT_SECRET") else None,
        jwt_public_key=jwt_public_key,
        jwt_audience=jwt_audience,
        tls_certificate=tls_cert,
        tls_key=tls_key,
    )
    _start_log(log_level, config)
    if count > 1:
        share = None if max_sessions is None else -(-max_sessions // count)
        load = partial(load_worker, folders, body, config.max_batch, share, measure, log_level)
        _serve_with_workers(load, count, max_sessions, config, bound, model)
        return
    if device is Device.CUDA:
        config = replace(config, max_batch=DEVICE_BATCH)
        engine = _load_on_device(folders, max_sessions or DEVICE_SESSIONS, config.max_batch)
        places = max_sessions or min(DEVICE_SESSIONS, _measured_places(engine, config.max_batch, measure, monotonic_ns))
    else:
        engine = _load(folders, body)
        places = max_sessions or _measured_places(engine, config.max_batch, measure)
    _reserve(engine, places)
    asyncio.run(_run(engine, config, places, bound, model))


def count_workers(given: str) -> int:
    """How many processes shall recognise.

    Raises:
        UsageError: it is no number of processes.
    """
    if given == "auto":
        return len(os.sched_getaffinity(0))
    if given.isascii() and given.isdigit() and 1 <= int(given) <= MOST_WORKERS:
        return int(given)
    raise UsageError(f"--workers {given}: give a number from 1 to {MOST_WORKERS}, or auto")


def check_device(workers: int, body: Choice) -> None:
    """Hold this machine, and what else was asked for, to a body on a GPU.

    Raises:
        UsageError: there is no GPU of use here, or an option does not go with one.
    """
    from engine.gpu.device import DeviceError, check, look

    if workers > 1:
        raise UsageError("--device cuda serves from one process; leave --workers out")
    if body is not Choice.AUTO:
        raise UsageError("--body chooses what computes on a CPU; leave it out with --device cuda")
    try:
        check(look())
    except DeviceError as missing:
        raise UsageError(str(missing)) from None


def load_worker(
    folders: list[Path], body: Choice, max_batch: int, share: int | None, measure: bool, level: LogLevel
) -> Loaded:
    """In a worker's process: load the models and reserve its share of the places; None finds the places of a core."""
    from engine.collector import settle
    from engine.operations.log import log_json
    from engine.workers.worker import Loaded

    log_json(level)
    engine = _load(folders, body)
    places = share or _measured_places(engine, max_batch, measure)
    _reserve(engine, places)
    settle()
    return Loaded(engine, places)


def _serve_with_workers(
    load: Load, count: int, most: int | None, config: ServiceConfig, bound: socket.socket, model: str
) -> None:
    from engine.workers.errors import WorkerError
    from engine.workers.pool import WorkerPool
    from engine.workers.process import spawn

    try:
        with WorkerPool(partial(spawn, load, config.max_batch), count, most, config.queue_bytes) as pool:
            asyncio.run(_run(pool, config, pool.places, bound, model))
    except WorkerError as error:
        raise UsageError(str(error)) from None


def _prepare(**chosen: object) -> tuple[socket.socket, ServiceConfig]:
    """Judge everything that an operator gave, and take the port, before anything slow is loaded."""
    try:
        from engine.operations.doors import read_access, read_certificate
        from engine.operations.errors import OperationsError
        from engine.server import bind
        from engine.service_config import ServiceConfig
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from None
    config = ServiceConfig(**chosen)  # type: ignore[arg-type]
    try:
        read_access(config, bytes(32))
        read_certificate(config)
        return bind(config.host, config.port), config
    except OperationsError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        reason = f"{error.strerror or error}; choose another --port"
        raise UsageError(f"cannot listen on {config.host}:{config.port}: {reason}") from None


def _start_log(level: LogLevel, config: ServiceConfig) -> None:
    from engine.operations.log import log_json

    log_json(level)
    for exposure in exposures(config):
        LOG.warning(exposure)


def exposures(config: ServiceConfig) -> list[str]:
    """What strangers could do to a service that listens as configured, and what to give against it."""
    if _is_loopback(config.host):
        return []
    told = []
    if not (config.keys_file or config.key_digests or config.jwt_secret or config.jwt_public_key):
        told.append("listening beyond this machine without keys: whoever reaches the port may use it; give --keys")
    if config.tls_certificate is None:
        told.append("listening beyond this machine without TLS: audio and keys can be read on the way; give --tls-cert")
    return told


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _load(folders: list[Path], body: Choice) -> BatchedRecogniser:
    try:
        from engine.batched import BatchedRecogniser
        from engine.operations.log import fields
        from engine.recogniser import Recogniser
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from None
    standard = Recogniser.load(folders[0], executor=body)
    engine = BatchedRecogniser(standard, *(Recogniser.load(folder, beside=standard) for folder in folders[1:]))
    engine.warm()
    LOG.info("body", extra=fields(computed_by=standard.body.executor.value, digest=standard.body.digest))
    return engine


def _load_on_device(folders: list[Path], sessions: int, batch: int) -> BatchedRecogniser:
    from engine.gpu.serving import load_engine
    from engine.operations.log import fields

    made = load_engine(folders, "cuda", sessions, batch)
    for operation, by in made.body.operations.items():
        LOG.info("operation", extra=fields(operation=operation, computed_by=by))
    LOG.info("body", extra=fields(computed_by="cuda", digest=made.body.digest, bytes=made.body.planned))
    return made.engine


def _not_installed(missing: ModuleNotFoundError) -> UsageError:
    return UsageError(
        f"the recogniser needs the package {missing.name!r}; install it with: pip install 'understudy[engine]'"
    )


def _measured_places(
    engine: BatchedRecogniser, max_batch: int, again: bool, clock: Callable[[], int] = thread_time_ns
) -> int:
    from engine.audio.intake import ENGINE_RATE
    from engine.channel import SLACK
    from engine.operations.capacity import places
    from engine.operations.cost_file import cost_path, read_costs, write_costs
    from engine.operations.costing import measure_costs
    from engine.operations.log import fields

    path = cost_path(home() / "costs", engine.models, max_batch)
    table = None if again else read_costs(path)
    known = table is not None
    if table is None:
        # Processor time on a CPU: what else runs at this moment says nothing about the hours to come.
        table = measure_costs(engine, _speech(), max_batch, clock)
        write_costs(path, table)
    sessions = places(table, SLACK * 1_000_000_000 // ENGINE_RATE)
    LOG.info("capacity", extra=fields(max_sessions=sessions, measured_before=known, **_in_milliseconds(table)))
    return sessions


def _reserve(engine: BatchedRecogniser, sessions: int) -> None:
    """Take what the streams of all places keep, so that none has to ask the system for it.

    Raises:
        UsageError: the system has not so much.
    """
    from engine.operations.log import fields

    try:
        kept = engine.reserve(sessions)
    except (MemoryError, OverflowError):
        each = engine.reserve(0)
        needed = f"{sessions} streams of {each:,} bytes need {sessions * each:,} bytes"
        raise UsageError(f"{needed}, which this machine has not; give a smaller --max-sessions") from None
    LOG.info("memory", extra=fields(max_sessions=sessions, stream_bytes=kept, bytes=sessions * kept))


def _in_milliseconds(table: CostTable) -> dict[str, object]:
    steps = {
        model: {str(row.streams): round(row.nanoseconds / 1e6, 2) for row in rows}
        for model, rows in table.steps.items()
    }
    return {"chunk_ms": table.chunk // 1_000_000, "step_ms": steps}


def _speech() -> NDArray[np.int16]:
    """Embedded speech, so that costs are those of words and not of silence."""
    import numpy as np

    from testsets import audio
    from testsets.embedded import open_embedded

    pieces: list[NDArray[np.int16]] = []
    for case in open_embedded("rehearsal").cases:
        if sum(map(len, pieces)) < SPEECH_SECONDS * 16_000:
            pieces.append(audio.to_int16(audio.read(case.audio.path, 16_000)[0]))
    return np.concatenate(pieces)


async def _run(
    engine: BatchedRecogniser | WorkerPool, config: ServiceConfig, places: int, bound: socket.socket, model: str
) -> None:
    from engine.collector import settle
    from engine.server import Service
    from engine.server import serve as run

    settle()

    def tell(service: Service) -> None:
        ready = {
            "ready": True,
            "host": config.host,
            "port": service.port,
            "url": service.url,
            "model": model,
            "recogniser": engine.digest,
            "max_sessions": places,
        }
        print(json.dumps(ready), flush=True)

    await run(Service(engine, replace(config, max_sessions=places), __version__, bound), tell)

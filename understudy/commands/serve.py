"""``understudy serve``: the reference recogniser as a real-time service."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from understudy import __version__
from understudy.errors import UsageError
from understudy.models import resolve_model

if TYPE_CHECKING:
    from engine.batched import BatchedRecogniser
    from engine.service_config import ServiceConfig


def serve(
    model: Annotated[
        str, typer.Option(help="reference/2, models:/reference@champion, or the path of a model folder.")
    ] = "reference/1",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 lets the system choose.")] = 9_000,
    max_sessions: Annotated[int, typer.Option(min=1, help="Sessions at a time; the next one is refused.")] = 20,
    drain: Annotated[float, typer.Option(min=0, help="Seconds that running sessions may go on after SIGTERM.")] = 30.0,
) -> None:
    """Serve real-time v2 at ws://HOST:PORT/v2, with health at /live and /ready.

    Prints one JSON line with its port when it is ready; SIGTERM or SIGINT drains it, a second one stops it at once.
    """
    folder = resolve_model(model)
    try:
        from engine.server import bind
        from engine.service_config import ServiceConfig

        bound = bind(host, port)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port") from None
    engine = _load(folder)
    config = ServiceConfig(host=host, port=port, max_sessions=max_sessions, drain_timeout=drain)
    asyncio.run(_run(engine, config, bound, model))


def _load(folder: Path) -> BatchedRecogniser:
    try:
        from engine.batched import BatchedRecogniser
        from engine.recogniser import Recogniser
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"the recogniser needs the package {missing.name!r}; install it with: pip install 'understudy[engine]'"
        ) from None
    engine = BatchedRecogniser(Recogniser.load(folder))
    engine.warm()
    return engine


async def _run(engine: BatchedRecogniser, config: ServiceConfig, bound: socket.socket, model: str) -> None:
    from engine.server import Service
    from engine.server import serve as run

    def tell(service: Service) -> None:
        ready = {
            "ready": True,
            "host": config.host,
            "port": service.port,
            "url": service.url,
            "model": model,
            "recogniser": engine.digest,
            "max_sessions": config.max_sessions,
        }
        print(json.dumps(ready), flush=True)

    await run(Service(engine, config, __version__, bound), tell)

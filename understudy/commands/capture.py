"""``understudy capture``: record live sessions in front of a recogniser without being felt."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from mirror.capture.tee import Tee, open_tee
from understudy.errors import UsageError

# The recorder's thread shares the interpreter with the tee; this bounds how long it may hold it (default 5 ms).
_SWITCH_SECONDS = 0.0005


def capture(
    upstream: Annotated[str, typer.Option(help="The recogniser to stand in front of: ws://HOST:PORT/PATH.")],
    store: Annotated[Path, typer.Option(help="Folder for the captures; made when missing.")],
    listen: Annotated[
        str, typer.Option(help="HOST:PORT that clients connect to; port 0 lets the system choose.")
    ] = "127.0.0.1:0",
    tag: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, a slice of every session captured here; repeat for more.")
    ] = None,
    drain: Annotated[float, typer.Option(min=0, help="Seconds that running sessions may go on after SIGTERM.")] = 5.0,
) -> None:
    """Copy every session between clients and a recogniser to a store.

    Prints one JSON line with its port when it is ready, and one with its counts when SIGTERM or SIGINT ends it.
    """
    host, port = _address(listen)
    tags = dict(_tag(text) for text in tag or ())
    sys.setswitchinterval(_SWITCH_SECONDS)
    asyncio.run(_run(upstream, store, host, port, tags, drain))


async def _run(upstream: str, store: Path, host: str, port: int, tags: dict[str, str], drain: float) -> None:
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    tell = open_tee(upstream, store, host, port, drain_seconds=drain, tags=tags, report=_warn)
    async with tell as tee:
        ready = {"ready": True, "host": tee.host, "port": tee.port, "url": tee.url, "store": str(store)}
        typer.echo(json.dumps(ready))
        sys.stdout.flush()
        await stopped.wait()
    typer.echo(json.dumps(_counts(tee)))


def _counts(tee: Tee) -> dict[str, object]:
    seen = tee.counters
    return {"ready": False, "sessions": seen.ended, "incomplete": seen.incomplete, "refused": seen.refused}


def _warn(line: str) -> None:
    typer.echo(f"understudy: {line}", err=True)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise UsageError(f"--listen {text!r}: give HOST:PORT, for example 127.0.0.1:9000")
    return host.strip("[]") or "127.0.0.1", int(port)


def _tag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--tag {text!r}: give NAME=VALUE, for example tenant=acme")
    return name, value

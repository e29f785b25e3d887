"""The options of every command that runs a tee, and the tee they ask for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mirror.capture.tee import Audience, Tee, open_tee
from mirror.capture.upstream import client_tls, server_tls
from mirror.privacy.rules import NOTHING, Rules, read_rules
from understudy.errors import UsageError

if TYPE_CHECKING:
    from mirror.capture.metrics import Gauges

_SWITCH_SECONDS = 0.0001

Upstream = Annotated[
    str, typer.Option(help="The recogniser to stand in front of: ws://HOST:PORT/PATH, or wss://, http://, https://.")
]
Store = Annotated[Path, typer.Option(help="Folder for the captures; made when missing.")]
Listen = Annotated[str, typer.Option(help="HOST:PORT that clients connect to; port 0 lets the system choose.")]
Config = Annotated[
    Path | None, typer.Option(help="capture.toml: who consented, sampling, limits, redaction, encryption.")
]
ConsentAll = Annotated[
    bool, typer.Option("--consent-all", help="Keep every session, as if everybody had consented: one's own traffic.")
]
Tags = Annotated[
    list[str] | None, typer.Option(help="NAME=VALUE, a slice of every session captured here; repeat for more.")
]
Drain = Annotated[float, typer.Option(min=0, help="Seconds that running sessions may go on after SIGTERM.")]
Admin = Annotated[
    str | None, typer.Option(help="HOST:PORT of /live, /ready and /metrics; port 0 lets the system choose.")
]
TlsCert = Annotated[Path | None, typer.Option(help="Certificate chain (PEM): clients come by TLS.")]
TlsKey = Annotated[Path | None, typer.Option(help="Its private key (PEM).")]
UpstreamCa = Annotated[Path | None, typer.Option(help="Certificates (PEM) that vouch for a wss or https upstream.")]


@dataclass(frozen=True, slots=True)
class Post:
    """Where a tee stands and what it may keep: the options of every command that runs one."""

    upstream: str
    store: Path
    host: str
    port: int
    rules: Rules
    tags: dict[str, str]
    drain: float
    admin: tuple[str, int] | None
    tls: ssl.SSLContext | None
    upstream_tls: ssl.SSLContext | None


def post(
    upstream: str,
    store: Path,
    listen: str,
    config: Path | None,
    consent_all: bool,
    tag: list[str] | None,
    drain: float,
    admin: str | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    upstream_ca: Path | None,
) -> Post:
    """Check the options.

    Raises:
        UsageError, CaptureError: one of them is unusable.
    """
    host, port = _address(listen, "--listen")
    if (tls_cert is None) != (tls_key is None):
        raise UsageError("--tls-cert and --tls-key go together; give both or neither")
    rules = read_rules(config) if config is not None else NOTHING
    return Post(
        upstream=upstream,
        store=store,
        host=host,
        port=port,
        rules=replace(rules, consent_of_all=True) if consent_all else rules,
        tags=dict(_tag(text) for text in tag or ()),
        drain=drain,
        admin=None if admin is None else _address(admin, "--admin"),
        tls=server_tls(tls_cert, tls_key) if tls_cert is not None and tls_key is not None else None,
        upstream_tls=None if upstream_ca is None else client_tls(upstream_ca),
    )


@contextlib.asynccontextmanager
async def standing(
    at: Post,
    audience: tuple[Audience, ...] = (),
    more: Sequence[Gauges] = (),
    last_words: Callable[[], Mapping[str, object]] = dict,
) -> AsyncIterator[Tee]:
    """Run a tee: say that it is ready, and after the block drain it and say its counts.

    Args:
        at: the options.
        audience: who else listens.
        more: metrics of theirs.
        last_words: asked once the tee is empty, for what to say beside its counts; may wait.
    """
    # The recorder's thread shares the interpreter with the tee; this bounds how long it may hold it (default 5 ms).
    sys.setswitchinterval(_SWITCH_SECONDS)
    async with contextlib.AsyncExitStack() as stack:
        tee = await stack.enter_async_context(_opened(at, audience))
        ready = {"ready": True, "host": tee.host, "port": tee.port, "url": tee.url, "store": str(at.store)}
        if at.admin is not None:
            from mirror.capture.admin import open_admin
            from mirror.capture.metrics import exposition

            ready["admin"] = await stack.enter_async_context(open_admin(tee, exposition(tee, more), *at.admin))
        _say(ready)
        try:
            yield tee
        finally:
            await tee.shut(at.drain)  # while the admin port still answers
    _say({**counts(tee), **await asyncio.to_thread(last_words)})


def run(main: Coroutine[None, None, None]) -> None:
    """Run a command on the quickest event loop there is: what a client waits for is mostly the loop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def stop_signal() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    return stopped


def _opened(at: Post, audience: tuple[Audience, ...] = ()) -> contextlib.AbstractAsyncContextManager[Tee]:
    """The tee that the options ask for."""
    return open_tee(
        at.upstream, at.store, at.host, at.port, rules=at.rules, tls=at.tls, upstream_tls=at.upstream_tls,
        apart=not at.rules.keeps_nothing, audience=audience, drain_seconds=at.drain, tags=at.tags, report=warn,
    )  # fmt: skip


def counts(tee: Tee) -> dict[str, object]:
    """What a tee says when it ends."""
    seen, kept = tee.counters, tee.recorder.kept
    return {
        "ready": False,
        "sessions": seen.ended,
        "kept": kept.sessions,
        "incomplete": kept.incomplete,
        "refused": seen.refused,
    }


def warn(line: str) -> None:
    """One line on stderr."""
    typer.echo(f"understudy: {line}", err=True)


def _say(line: dict[str, object]) -> None:
    typer.echo(json.dumps(line))
    sys.stdout.flush()


def _address(text: str, option: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise UsageError(f"{option} {text!r}: give HOST:PORT, for example 127.0.0.1:9000")
    return host.strip("[]") or "127.0.0.1", int(port)


def _tag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--tag {text!r}: give NAME=VALUE, for example tenant=acme")
    return name, value

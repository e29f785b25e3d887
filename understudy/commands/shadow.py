"""``understudy shadow``: let a candidate hear live sessions without anybody hearing it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from mirror.shadow.stage import ARM, CHAMPION, Shadow
from understudy.shadow_display import counts_of, live_line
from understudy.tee_post import (
    Admin,
    Config,
    ConsentAll,
    Drain,
    Listen,
    Post,
    Store,
    Tags,
    TlsCert,
    TlsKey,
    Upstream,
    UpstreamCa,
    post,
    run,
    standing,
    stop_signal,
    warn,
)

if TYPE_CHECKING:
    from mirror.capture.metrics import Gauges

TOKEN = "UNDERSTUDY_SHADOW_TOKEN"  # environment: the candidate's key


def shadow(
    upstream: Upstream,
    shadow: Annotated[
        str, typer.Option(help="The candidate: [NAME+]ws(s)://HOST:PORT/PATH, on the wire that the clients speak.")
    ],
    store: Store,
    listen: Listen = "127.0.0.1:0",
    config: Config = None,
    consent_all: ConsentAll = False,
    tag: Tags = None,
    drain: Drain = 5.0,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that the candidate may take to finish after the client has gone.")
    ] = 10.0,
    admin: Admin = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    upstream_ca: UpstreamCa = None,
) -> None:
    """Capture as `understudy capture` does, and play every kept session to a candidate at the same time.

    Clients hear the champion only. The candidate's answers are stored beside the champion's; how often the two disagree
    is shown live. The candidate's key is read from the environment variable UNDERSTUDY_SHADOW_TOKEN.
    """
    at = post(upstream, store, listen, config, consent_all, tag, drain, admin, tls_cert, tls_key, upstream_ca)
    at = replace(at, tags={**at.tags, ARM: CHAMPION})
    if at.rules.keeps_nothing:
        warn("nobody has consented, so the candidate hears nothing; give --config capture.toml, or --consent-all")
    run(_run(at, shadow, patience))


async def _run(at: Post, address: str, patience: float) -> None:
    stopped = stop_signal()
    at.store.mkdir(parents=True, exist_ok=True)
    candidate = Shadow(address, at.store, at.rules, os.environ.get(TOKEN), warn, patience=patience)
    more: tuple[Gauges, ...] = ()
    if at.admin is not None:
        from mirror.shadow.metrics import shadow_metrics

        more = (shadow_metrics(lambda: candidate.seen),)
    async with standing(at, (candidate,), more, lambda: {"shadow": counts_of(candidate.close())}):
        with live_line(lambda: candidate.seen):
            await stopped.wait()

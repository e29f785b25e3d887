"""``understudy capture``: record live sessions in front of a recogniser without being felt."""

from __future__ import annotations

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


def capture(
    upstream: Upstream,
    store: Store,
    listen: Listen = "127.0.0.1:0",
    config: Config = None,
    consent_all: ConsentAll = False,
    tag: Tags = None,
    drain: Drain = 5.0,
    admin: Admin = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    upstream_ca: UpstreamCa = None,
) -> None:
    """Copy the sessions that may be kept to a store, between clients and a recogniser.

    Without --config or --consent-all it forwards and keeps nothing. Prints one JSON line with its port when it is
    ready, and one with its counts when SIGTERM or SIGINT ends it.
    """
    at = post(upstream, store, listen, config, consent_all, tag, drain, admin, tls_cert, tls_key, upstream_ca)
    if at.rules.keeps_nothing:
        warn("nobody has consented, so nothing is kept; give --config capture.toml, or --consent-all for your own")
    run(_run(at))


async def _run(at: Post) -> None:
    stopped = stop_signal()
    async with standing(at):
        await stopped.wait()

"""``understudy gate``: decide whether a candidate may replace the champion."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mirror.codecs.wires import schemes
from testsets.embedded import available
from understudy.captured import EMBEDDED_TRAFFIC
from understudy.gate_run import Request, run_gate
from understudy.policies import load_policy
from understudy.progress import telling
from understudy.registration import register_shipped
from understudy.store_query import identities_of
from understudy.verdict_display import show


def gate(
    champion: Annotated[
        str, typer.Option(help=f"The recogniser in production. A live one by its wire: {', '.join(schemes())}.")
    ] = "models:/reference@champion",
    candidate: Annotated[str, typer.Option(help="The one that wants to be.")] = "models:/reference/latest",
    testset: Annotated[
        list[str] | None,
        typer.Option(help=f"A manifest, or one of {', '.join(available())}. May be repeated."),
    ] = None,
    traffic: Annotated[
        list[str] | None,
        typer.Option(
            help="A store of captured sessions, sealed or not: a folder, a URL, one capture. May be repeated."
        ),
    ] = None,
    identity: Annotated[Path | None, typer.Option(help="Age identity file, for encrypted traffic.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Margins, slices and minimum evidence: gate.toml.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; a new one under runs/ when not given.")] = None,
    sessions: Annotated[int, typer.Option(min=1, help="Live sessions at a time, over all three arms.")] = 12,
    fresh: Annotated[int, typer.Option(min=0, help="In the rehearsal: real client sessions to capture first.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Decide whether a candidate may replace the champion.

    A recogniser is models:/NAME@ALIAS, NAME/VERSION, file:HYPS.jsonl, cmd:PROGRAM {audio}, or the address of a live
    one, such as ws://HOST:PORT/PATH. Without --testset and --traffic this is the rehearsal: the embedded set and
    traffic, and fresh captures of a real client. Exit codes: 0 PASS, 1 FAIL, 2 usage or bad input, 3 HOLD.
    """
    rehearsal = not testset and not traffic
    folder = out or Path("runs") / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    judged_by = load_policy(policy)
    request = Request(
        champion=champion,
        candidate=candidate,
        testsets=("rehearsal",) if rehearsal else tuple(testset or ()),
        traffic=(str(EMBEDDED_TRAFFIC),) if rehearsal else tuple(traffic or ()),
        fresh_sessions=fresh if rehearsal else 0,
        policy=judged_by,
        out=folder,
        sessions=sessions,
        identities=identities_of(identity),
    )
    with telling() as told:
        run = run_gate(request, told)
        register_shipped().log_run(run, folder)
    show(run, folder, as_json)

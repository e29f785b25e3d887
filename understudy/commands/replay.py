"""``understudy replay``: play captures or a test set to a recogniser in their own time."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mirror.replay import Lateness, ReplayRecogniser, lateness, probe
from testsets.case import Case
from testsets.eventlog_io import write_event_logs
from testsets.events import EventLog
from understudy.cases import gather

TOKEN = "UNDERSTUDY_TOKEN"  # environment variable with the endpoint's key, sent as a bearer token


def replay(
    source: Annotated[str, typer.Argument(help="A capture store, one capture, a manifest, or an embedded test set.")],
    to: Annotated[str, typer.Option(help="The recogniser: ws://HOST:PORT/PATH.")],
    out: Annotated[Path | None, typer.Option(help="Write every event log to this Parquet file.")] = None,
    sessions: Annotated[int, typer.Option(min=1, help="Sessions at once.")] = 4,
    budget_ms: Annotated[float, typer.Option(min=0, help="The run is invalid when p99 lateness passes this.")] = 20.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Play every session to a recogniser on an absolute schedule, and tell how late each packet was.

    Exits 0 when all sessions completed in time, 1 when one failed, 3 when the replay itself was too late to be judged.
    """
    with tempfile.TemporaryDirectory(prefix="understudy-replay-") as folder:
        traffic = Path(source).is_dir() or source.endswith(".mcap")
        gathered = gather([] if traffic else [source], [Path(source)] if traffic else [], Path(folder))
        for problem in gathered.problems:
            typer.echo(f"understudy: {problem}", err=True)
        recogniser = ReplayRecogniser(to, f"url:{to}", sessions, token=os.environ.get(TOKEN))
        asyncio.run(probe(to, os.environ.get(TOKEN)))
        logs = asyncio.run(_play(recogniser, gathered.cases))
    if out is not None:
        write_event_logs(out, {"replay": logs})
    late = lateness(logs, int(budget_ms * 1e6))
    _print(logs, late, gathered.problems, out, as_json)
    if not late.valid:
        raise typer.Exit(3)
    if any(log.failure for log in logs):
        raise typer.Exit(1)


async def _play(recogniser: ReplayRecogniser, cases: Sequence[Case]) -> list[EventLog]:
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=len(cases))

        async def one(case: Case) -> EventLog:
            log = await recogniser.recognise(case)
            progress.advance(task)
            return log

        return list(await asyncio.gather(*(one(case) for case in cases)))


def _print(logs: Sequence[EventLog], late: Lateness, problems: Sequence[str], out: Path | None, as_json: bool) -> None:
    failures = {log.case_id: log.failure for log in logs if log.failure is not None}
    if as_json:
        answer = {
            "sessions": len(logs),
            "completed": len(logs) - len(failures),
            "failures": failures,
            "problems": list(problems),
            "lateness": late.to_dict(),
            "events": None if out is None else str(out),
        }
        typer.echo(json.dumps(answer))
        return
    for case_id, failure in failures.items():
        typer.echo(f"failed     {case_id}: {failure}")
    typer.echo(f"sessions   {len(logs)}: {len(logs) - len(failures)} completed, {len(failures)} failed")
    if late.p50_ns is not None and late.p99_ns is not None and late.max_ns is not None:
        figures = ", ".join(f"{n} {v / 1e6:.2f} ms" for n, v in zip(("p50", "p99", "max"), _figures(late), strict=True))
        judged = "in" if late.valid else "INVALID: beyond"
        typer.echo(
            f"lateness   {figures} over {late.packets} packets, {judged} its budget of {late.budget_ns / 1e6:g} ms"
        )
    if out is not None:
        typer.echo(f"events     {out}")


def _figures(late: Lateness) -> tuple[int, int, int]:
    return late.p50_ns or 0, late.p99_ns or 0, late.max_ns or 0

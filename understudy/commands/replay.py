"""``understudy replay``: play captures or a test set to a recogniser, in their own time or as load."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from mirror.replay import Ledger, Plan, Shape, jobs, plan_digest, play_all, probe
from testsets.eventlog_io import write_event_logs
from understudy.captured import is_store, record_reading
from understudy.errors import UsageError
from understudy.recognisers import token_for
from understudy.replay_display import ReplayResult, Told, playing, show
from understudy.replay_source import read_source
from understudy.store_query import identities_of


def replay(
    source: Annotated[
        str, typer.Argument(help="A store (folder or URL), one capture, a manifest, or an embedded test set.")
    ],
    to: Annotated[str, typer.Option(help="The recogniser: ws://HOST:PORT/PATH, vosk+ws://..., and so on.")],
    out: Annotated[Path | None, typer.Option(help="Write every event log to this Parquet file.")] = None,
    sessions: Annotated[int, typer.Option(min=1, help="Sessions at once, over all processes.")] = 4,
    processes: Annotated[int, typer.Option(min=1, help="Processes that play; one holds hundreds of sessions.")] = 1,
    clones: Annotated[int, typer.Option(min=1, help="Play each session so often, each with its own phase.")] = 1,
    ledger: Annotated[Path | None, typer.Option(help="Keep what is done in this file; start again to go on.")] = None,
    window: Annotated[
        int | None, typer.Option(min=1, help="Not in real time: as fast as acks allow, so many packets unconfirmed.")
    ] = None,
    packet_ms: Annotated[int | None, typer.Option(help="Cut the audio into packets of this size, 10 to 500.")] = None,
    burst_ms: Annotated[int, typer.Option(help="Send the packets of so much audio at once.")] = 0,
    jitter_ms: Annotated[int, typer.Option(help="Delay each packet by 0 to so much.")] = 0,
    stall_ms: Annotated[int, typer.Option(help="Let the network stand still for so long, losing nothing.")] = 0,
    stall_every_ms: Annotated[int, typer.Option(help="From the begin of one stall to the next.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of jitter and stalls.")] = 0,
    budget_ms: Annotated[float, typer.Option(min=0, help="The run is invalid when p99 lateness passes this.")] = 20.0,
    identity: Annotated[Path | None, typer.Option(help="Age identity file, for an encrypted store.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Play every session to a recogniser on an absolute schedule, and tell how late each packet was.

    Exits 0 when all sessions completed in time, 1 when one failed, 3 when the replay itself was too late to be judged.
    """
    shape = _shape(packet_ms, burst_ms, jitter_ms, stall_ms, stall_every_ms)
    plan = Plan(to, clones, shape, window, seed)
    with tempfile.TemporaryDirectory(prefix="understudy-replay-") as folder:
        path = ledger or Path(folder) / "ledger"
        # Beside a ledger that is kept the captures' audio is kept too, for whoever goes on with it.
        audio = path.with_name(f"{path.name}.audio")
        keys = identities_of(identity)
        if is_store(source):
            record_reading(source, "understudy replay", None if ledger is None else audio)
        found = read_source(source, audio, keys)
        for problem in found.problems:
            typer.echo(f"understudy: {problem}", err=True)
        asyncio.run(probe(to, token_for(to)))
        kept = Ledger(path)
        try:
            goes_on = kept.begin(plan_digest(found.cases, plan), jobs(found.cases, plan))
            began_ns, before = time.monotonic_ns(), kept.progress()
            with playing(before, goes_on) as told:
                _play(kept, plan, sessions, processes, told)
            wall_ns = time.monotonic_ns() - began_ns
            if out is not None:
                write_event_logs(out, {"replay": kept.logs()})
            result = ReplayResult.of(kept, before, wall_ns, int(budget_ms * 1e6), found.problems, found.flagged, out)
        finally:
            kept.close()
    show(result, as_json)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _shape(packet_ms: int | None, burst_ms: int, jitter_ms: int, stall_ms: int, stall_every_ms: int) -> Shape | None:
    if packet_ms is None and not (burst_ms or jitter_ms or stall_ms):
        return None
    try:
        return Shape(packet_ms or Shape().packet_ms, burst_ms, jitter_ms, stall_ms, stall_every_ms)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _play(kept: Ledger, plan: Plan, sessions: int, processes: int, told: Told) -> None:
    everything = play_all(
        kept, plan, sessions=sessions, processes=min(processes, sessions), token=token_for(plan.address), told=told
    )
    asyncio.run(everything)

"""``understudy store``: what a capture store holds, and taking it out as a test set."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from mirror.errors import StoreError
from mirror.store.cases import as_case, event_log
from mirror.store.dialogue import read_dialogue
from mirror.store.session import Session, capture_paths, read_session, sessions
from testsets import manifest
from testsets.events import Kind
from understudy.errors import UsageError

app = typer.Typer(help="Look into a capture store and take sessions out of it.", no_args_is_help=True)


@app.command("list")
def list_sessions(
    store: Annotated[Path, typer.Argument(help="Folder of captures.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the sessions of a store; a capture that cannot be read is told in one line and passed over."""
    problems: list[str] = []
    rows = []
    for session in sessions(store, lambda error: problems.append(str(error))):
        try:
            rows.append(_row(session))
        except StoreError as error:
            problems.append(str(error))
    if as_json:
        typer.echo(json.dumps({"store": str(store), "sessions": rows, "problems": problems}))
        return
    name = Column("session", min_width=31, no_wrap=True)  # `store show` wants it whole
    table = Table(name, "began (UTC)", "audio", "language", "words", "state", box=None, pad_edge=False)
    for row in rows:
        seconds = f"{row['audio_seconds']:.1f} s"
        state = row["problem"] or row["failure"] or "complete"
        table.add_row(row["session"], row["began"], seconds, str(row["language"]), str(row["words"]), state)
    Console().print(table)
    _warn(problems)


@app.command()
def show(
    store: Annotated[Path, typer.Argument(help="Folder of captures.")],
    session: Annotated[str, typer.Argument(help="The session's name, as `store list` prints it, or the begin of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show one session: its handshake, its config, and every event with its time."""
    found = _find(store, session)
    row = {
        **_row(found),
        "request": found.request.first_line,
        "config": dict(read_dialogue(found).config),
        "events": _events(found),
    }
    if as_json:
        typer.echo(json.dumps(row))
        return
    for key in ("session", "began", "upstream", "request", "config", "tags", "problem", "failure"):
        typer.echo(f"{key:10} {row[key] if isinstance(row[key], str | None) else json.dumps(row[key])}")
    for event in row["events"]:
        what = event["text"] if event["text"] else json.dumps(event["detail"]) if event["detail"] else ""
        typer.echo(f"{event['seconds']:10.3f}  {event['kind']:13} {what}")


@app.command()
def export(
    store: Annotated[Path, typer.Argument(help="Folder of captures.")],
    out: Annotated[Path, typer.Option(help="Folder for manifest.jsonl and the audio.")],
    incomplete: Annotated[bool, typer.Option(help="Export sessions that were not captured to their end, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Take sessions out as a test set: a manifest, and the audio exactly as it was sent."""
    cases, skipped = [], []
    for session in sessions(store, lambda error: skipped.append(str(error))):
        if session.problem is not None and not incomplete:
            skipped.append(f"{session.path}: {session.problem}; --incomplete exports it all the same")
            continue
        try:
            cases.append(as_case(session, out / "audio"))
        except StoreError as error:
            skipped.append(str(error))
    if not cases:
        _warn(skipped)
        raise UsageError(f"{store}: holds no session that can be exported")
    testset = manifest.save(out / "manifest.jsonl", store.name, cases)
    answer = {
        "manifest": str(out / "manifest.jsonl"),
        "cases": len(cases),
        "digest": testset.digest,
        "skipped": skipped,
    }
    typer.echo(json.dumps(answer) if as_json else f"{answer['manifest']}: {len(cases)} cases, {len(skipped)} skipped")
    if not as_json:
        _warn(skipped)


def _find(store: Path, name: str) -> Session:
    paths = [path for path in capture_paths(store) if path.stem.startswith(name)]
    if len(paths) != 1:
        raise UsageError(
            f"{store}: {len(paths)} sessions are called {name!r}; `understudy store list {store}` names all"
        )
    return read_session(paths[0])


def _row(session: Session) -> dict[str, Any]:
    log = event_log(session)
    sent = [event.samples or 0 for event in log.events if event.kind is Kind.AUDIO]
    return {
        "session": session.id,
        "began": f"{datetime.fromtimestamp(session.began_utc_ns // 1_000_000_000, UTC):%Y-%m-%d %H:%M:%S}",
        "upstream": session.upstream,
        "rate": log.rate,
        "audio_seconds": max(sent, default=0) / log.rate,
        "packets": len(sent),
        "language": read_dialogue(session).config.get("language"),
        "words": len(log.transcript.words),
        "tags": dict(session.tags),
        "cluster": session.cluster,
        "bytes": session.size,
        "problem": session.problem,
        "failure": log.failure if session.problem is None else None,
    }


def _events(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "seconds": event.wall_ns / 1e9,
            "kind": str(event.kind),
            "samples": event.samples,
            "text": " ".join(word.text for word in event.words),
            "detail": dict(event.detail),
        }
        for event in event_log(session).events
    ]


def _warn(problems: list[str]) -> None:
    for problem in problems:
        typer.echo(f"understudy: {problem}", err=True)

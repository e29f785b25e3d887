"""How the commands of ``understudy store`` show what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import typer

from mirror.errors import StoreError
from mirror.store.catalogue import Row
from mirror.store.session import Kept

EXIT_CHANGED = 1


def into(problems: list[str]) -> Callable[[StoreError], None]:
    """Collects what cannot be read, a line each."""
    return lambda error: problems.append(str(error))


def row_json(row: Row) -> dict[str, Any]:
    """A row of ``store list --json``."""
    return {
        "session": row.session,
        "began": f"{datetime.fromtimestamp(row.began_utc_ns // 1_000_000_000, UTC):%Y-%m-%d %H:%M:%S}",
        "upstream": row.upstream,
        "rate": row.rate,
        "audio_seconds": row.seconds,
        "packets": row.packets,
        "language": row.language,
        "words": row.words,
        "tags": dict(row.tags),
        "cluster": row.cluster,
        "bytes": row.size,
        "problem": row.problem,
        "failure": row.failure,
        "encrypted": row.encrypted,
        "sealed": row.sealed,
    }


def print_table(rows: Iterable[Row]) -> None:
    """One line a session, on stdout."""
    from rich.console import Console
    from rich.table import Column, Table

    name = Column("session", min_width=31, no_wrap=True)  # `store show` wants it whole
    table = Table(name, "began (UTC)", "audio", "language", "words", "state", box=None, pad_edge=False)
    for row in rows:
        shown = row_json(row)
        seconds = "?" if row.seconds is None else f"{row.seconds:.1f} s"
        told = [str(value) if value is not None else "?" for value in (row.language, row.words)]
        table.add_row(row.session, shown["began"], seconds, *told, _state(row))
    Console().print(table)


def _state(row: Row) -> str:
    marks = [mark for mark, there in (("sealed", row.sealed), ("encrypted", row.encrypted)) if there]
    return ", ".join([row.problem or row.failure or ("complete" if row.rate is not None else "locked"), *marks])


def events_json(session: Kept) -> list[dict[str, Any]]:
    """The events of ``store show --json``."""
    from mirror.store.cases import event_log

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


def warn(problems: Sequence[str]) -> None:
    """One line each, on stderr."""
    for problem in problems:
        typer.echo(f"understudy: {problem}", err=True)


def end(problems: Sequence[str], as_json: bool) -> None:
    """Tell the problems, and exit 1 when there is one."""
    if not as_json:
        warn(problems)
    if problems:
        raise typer.Exit(EXIT_CHANGED)

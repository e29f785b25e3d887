"""``understudy promote``, ``rollback`` and ``history``: which model is the champion, and why."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from harness.errors import RegistryError
from harness.registry import Entry
from harness.results import Outcome
from understudy.errors import UsageError
from understudy.registration import open_registry

EXIT_CODES = {Outcome.FAIL: 1, Outcome.HOLD: 3}

Who = Annotated[str | None, typer.Option(help="Who is responsible; else the name of this login.")]
Why = Annotated[str, typer.Option(help="Why, in a few words; kept in the history.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def promote(
    model: Annotated[str, typer.Argument(help="A registered model, e.g. reference or reference/2.")],
    run: Annotated[Path | None, typer.Option(help="The folder of the run that passed.")] = None,
    first: Annotated[bool, typer.Option(help="Appoint the model's first champion, which needs no run.")] = False,
    why: Why = "the gate passed",
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Make a candidate the champion: only with a PASS for exactly this champion and this candidate."""
    name, version = _parse(model)
    person, registry = who or getpass.getuser(), open_registry()
    if first:
        if run is not None or version is None:
            raise UsageError("--first takes a model with its version and no --run, e.g. promote reference/1 --first")
        _tell(registry.appoint(name, version, who=person, why=why), as_json)
        return
    if run is None:
        raise UsageError("promote needs --run RUN, the folder of a run that passed; `understudy gate` makes one")
    try:
        entry = registry.promote(name, run, who=person, why=why, version=version)
    except RegistryError as refused:
        if refused.outcome is None:
            raise
        typer.echo(f"understudy: {refused}", err=True)
        raise typer.Exit(EXIT_CODES[Outcome(refused.outcome)]) from None
    _tell(entry, as_json)


def rollback(
    model: Annotated[str, typer.Argument(help="A registered model, e.g. reference.")] = "reference",
    why: Why = "rolled back",
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Make the champion before the present one champion again."""
    name, _ = _parse(model)
    _tell(open_registry().rollback(name, who=who or getpass.getuser(), why=why), as_json)


def history(
    model: Annotated[str | None, typer.Argument(help="Only this model's; else all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show every change of a champion: who, when, why, and on which evidence."""
    entries = open_registry().history(None if model is None else _parse(model)[0])
    if as_json:
        typer.echo(json.dumps({"history": [asdict(entry) for entry in entries]}))
        return
    if not entries:
        typer.echo("no champion was appointed yet")
        return
    table = Table("when", "who", "what", "model", "from", "to", "run", "evidence", "why", box=None, pad_edge=False)
    for e in entries:
        before = "-" if e.from_version is None else str(e.from_version)
        evidence = "-" if e.evidence is None else e.evidence[:12]
        table.add_row(e.at, e.who, e.action, e.model, before, str(e.to_version), e.run or "-", evidence, e.why)
    Console().print(table)


def _parse(model: str) -> tuple[str, int | None]:
    name, slash, version = model.removeprefix("models:/").partition("/")
    if not name or (slash and not version.isdecimal()):
        raise UsageError(f"model {model!r}: give a name or name/version, e.g. reference/2")
    return name, int(version) if version else None


def _tell(entry: Entry, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(entry)))
        return
    before = "nothing" if entry.from_version is None else f"version {entry.from_version}"
    typer.echo(f"{entry.model}: the champion is now version {entry.to_version} ({entry.to_digest[:12]}), was {before}")

"""A verdict on the terminal, or as one JSON object; and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.results import Outcome, Role, Run
from reports.verdict_json import verdict_json
from reports.wording import difference, measure_title, number, slice_title

EXIT_CODES = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.HOLD: 3}
COLOURS = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.HOLD: "yellow"}
MOST_REASONS = 8


def show(run: Run, folder: Path, as_json: bool) -> None:
    """Print the verdict, and leave with its exit code.

    Raises:
        typer.Exit: always; 0 PASS, 1 FAIL, 3 HOLD.
    """
    if as_json:
        typer.echo(json.dumps(verdict_json(run) | {"folder": str(folder)}))
    else:
        _draw(run, folder)
    raise typer.Exit(EXIT_CODES[run.verdict.outcome])


def _draw(run: Run, folder: Path) -> None:
    console = Console(highlight=False)
    console.print(_table(run))
    colour = COLOURS[run.verdict.outcome]
    names = {arm.arm: arm.name for arm in run.record.arms}
    pair = f"{names.get('candidate', '?')} against {names.get('champion', '?')}"
    console.print(f"[bold {colour}]{run.verdict.outcome}[/]  {escape(pair)}")
    for reason in run.verdict.reasons[:MOST_REASONS]:
        console.print(f"  - {escape(reason)}")
    if len(run.verdict.reasons) > MOST_REASONS:
        console.print(f"  - and {len(run.verdict.reasons) - MOST_REASONS} more, in the report")
    console.print(f"report     {folder / 'report.html'}", soft_wrap=True)
    console.print(f"signature  {escape(run.verdict.signature)}", soft_wrap=True)


def _table(run: Run) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for heading in ("measure", "slice"):
        table.add_column(heading, no_wrap=True)
    for heading in ("champion", "candidate", "at worst", "margin", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for c in run.comparisons:
        if c.role is Role.GATING:
            slice_ = slice_title(c.slice).rpartition("=")[2]
            cells = (number(c.champion, c.unit), number(c.candidate, c.unit))
            bounds = (difference(c.upper, c.unit), difference(c.margin, c.unit))
            outcome = f"[{COLOURS[c.outcome]}]{c.outcome}[/]"
            table.add_row(measure_title(c.measure, c.statistic), slice_, *cells, *bounds, outcome)
    return table

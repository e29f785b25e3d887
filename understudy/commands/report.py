"""``understudy report``: draw a finished run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from harness import run_folder
from reports.write import write_reports
from understudy.erased import with_erasures


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a run.")],
    out: Annotated[Path | None, typer.Option(help="Write there instead of into the run.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Draw a run again: report.html, summary.md, junit.xml."""
    written = write_reports(with_erasures(run_folder.read_run(run), run), out or run)
    paths = {"html": str(written.html), "summary": str(written.summary), "junit": str(written.junit)}
    typer.echo(json.dumps(paths) if as_json else "\n".join(paths.values()))

"""The folder of a run as the face writes it: inputs first, results after, the report last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness import run_folder
from harness.results import Run
from reports.write import Written, write_reports
from testsets import eventlog_io, manifest
from testsets.case import Case
from testsets.events import EventLog
from understudy.errors import UsageError

CASES = "cases.jsonl"
EVENTS = "events.parquet"


def write_inputs(folder: Path, cases: Sequence[Case], logs: Mapping[str, Sequence[EventLog]]) -> None:
    """Keep what the numbers come from, before anything is computed from it."""
    manifest.save(folder / CASES, "run", cases)
    eventlog_io.write_event_logs(folder / EVENTS, {arm: tuple(found) for arm, found in logs.items()})


def read_inputs(folder: Path) -> tuple[tuple[Case, ...], dict[str, tuple[EventLog, ...]]]:
    """The cases and event logs of a run.

    Raises:
        UsageError: this is no run folder.
        FormatError: a file of it is damaged.
    """
    if not (folder / EVENTS).is_file():
        raise UsageError(f"{folder}: no run folder (it has no {EVENTS}); give the folder that `understudy gate` wrote")
    return manifest.load(folder / CASES, check_audio=False).cases, eventlog_io.read_event_logs(folder / EVENTS)


def write_results(folder: Path, run: Run) -> Written:
    """Write the results and draw the report."""
    run_folder.write_results(folder, run)
    return write_reports(run, folder)

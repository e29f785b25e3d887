"""A replay on the terminal: its progress with the time that is left, and its result as text or JSON."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from mirror.replay import BackPressure, Lateness, Ledger, Progress, Reaction, back_pressure, lateness

Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay came to."""

    progress: Progress
    failures: Mapping[str, str]  # session -> why
    problems: Sequence[str]  # captures that could not be read
    flagged: Mapping[str, Sequence[Reaction]]  # captured sessions whose client reacted to its recogniser
    lateness: Lateness
    back_pressure: BackPressure
    speed: float | None  # seconds of audio a second, over all sessions played now
    events: Path | None

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        before: Progress,
        wall_ns: int,
        budget_ns: int,
        problems: Sequence[str],
        flagged: Mapping[str, Sequence[Reaction]],
        events: Path | None,
    ) -> ReplayResult:
        """The result of all sessions of a ledger; the speed is that of what was played since ``before``."""
        progress = ledger.progress()
        return cls(
            progress=progress,
            failures={log.case_id: log.failure for log in ledger.logs() if log.failure is not None},
            problems=problems,
            flagged=flagged,
            lateness=lateness(ledger.logs(), budget_ns),
            back_pressure=back_pressure(ledger.logs()),
            speed=(progress.audio_done_ns - before.audio_done_ns) / wall_ns if wall_ns else None,
            events=events,
        )

    @property
    def exit_code(self) -> int:
        """3 when the replay was too late to be judged, 1 when a session failed."""
        if not self.lateness.valid:
            return 3
        return 1 if self.failures else 0

    def to_dict(self) -> dict[str, Any]:
        """Its JSON object."""
        return {
            "sessions": self.progress.sessions,
            "completed": self.progress.done - self.progress.failed,
            "failures": dict(self.failures),
            "problems": list(self.problems),
            "reactions": {key: [asdict(item) for item in found] for key, found in self.flagged.items()},
            "lateness": self.lateness.to_dict(),
            "back_pressure": self.back_pressure.to_dict(),
            "speed": self.speed,
            "events": None if self.events is None else str(self.events),
        }


@contextlib.contextmanager
def playing(before: Progress, goes_on: bool) -> Iterator[Told]:
    """A bar on stderr that counts audio, since that is what takes time."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        name = "replaying on" if goes_on else "replaying"
        task = bar.add_task(name, total=before.audio_ns, completed=before.audio_done_ns, count="")

        def told(progress: Progress) -> None:
            failed = f", {progress.failed} failed" if progress.failed else ""
            count = f"{progress.done}/{progress.sessions} sessions{failed}"
            bar.update(task, completed=progress.audio_done_ns, count=count)

        yield told


def show(result: ReplayResult, as_json: bool) -> None:
    """Print a result on stdout."""
    if as_json:
        typer.echo(json.dumps(result.to_dict()))
        return
    for case_id, failure in result.failures.items():
        typer.echo(f"failed     {case_id}: {failure}")
    for case_id, found in result.flagged.items():
        typer.echo(f"reacted    {case_id}: {found[0].what} at {found[0].at_ns / 1e9:.2f} s; the replay cannot")
    done, failed = result.progress.done, result.progress.failed
    typer.echo(f"sessions   {result.progress.sessions}: {done - failed} completed, {failed} failed")
    for line in (_lateness(result.lateness), _back_pressure(result.back_pressure)):
        if line:
            typer.echo(line)
    if result.speed is not None and not result.lateness.packets:
        typer.echo(f"speed      {result.speed:.1f} seconds of audio a second; delays at this pace mean nothing")
    if result.events is not None:
        typer.echo(f"events     {result.events}")


def _lateness(late: Lateness) -> str:
    if late.p50_ns is None or late.p99_ns is None or late.max_ns is None:
        return ""
    values = {"p50": late.p50_ns, "p99": late.p99_ns, "max": late.max_ns}
    figures = ", ".join(f"{name} {value / 1e6:.2f} ms" for name, value in values.items())
    judged = "in" if late.valid else "INVALID: beyond"
    return f"lateness   {figures} over {late.packets} packets, {judged} its budget of {late.budget_ns / 1e6:g} ms"


def _back_pressure(found: BackPressure) -> str:
    parts = []
    if found.ack_p50_ns is not None and found.ack_p99_ns is not None:
        parts.append(f"acks after p50 {found.ack_p50_ns / 1e6:.2f} ms, p99 {found.ack_p99_ns / 1e6:.2f} ms")
    if found.unconfirmed_max_ns is not None:
        parts.append(f"at most {found.unconfirmed_max_ns / 1e9:.2f} s of audio unconfirmed")
    if found.held:
        parts.append(f"{found.held} packets held back, the longest for {found.held_max_ns / 1e6:.0f} ms")
    return f"pressure   {'; '.join(parts)}" if parts else ""

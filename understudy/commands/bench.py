"""``understudy bench``: what this installation needs and does, on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from understudy.body_step import Step
from understudy.errors import UsageError
from understudy.memory_map_svg import map_svg
from understudy.models import resolve_model

if TYPE_CHECKING:
    from understudy.memory_report import MemoryReport

app = typer.Typer(help="Show what a model needs of this machine.", no_args_is_help=True)

MIB = 1 << 20
STEPS = {Step.OWN: "our own step", Step.GRAPH: "a step of the graph"}


@app.callback()
def _bench() -> None:
    """Show what a model needs of this machine."""


@app.command()
def kernels(
    model: Annotated[str, typer.Option(help="reference/3, models:/reference@champion, or a folder.")] = "reference/3",
    chunk_ms: Annotated[int, typer.Option(help="Milliseconds of audio a step, one the model was trained for.")] = 320,
    streams: Annotated[int, typer.Option(help="Streams that are stepped together at most.")] = 8,
    step: Annotated[Step, typer.Option(help="Our compiled step, or the ONNX graph op by op.")] = Step.OWN,
    memory_map: Annotated[Path | None, typer.Option(help="Draw the planned working memory into this SVG file.")] = None,
    limit: Annotated[int | None, typer.Option(help="MiB for everything; says how many streams it admits.")] = None,
    admitted: Annotated[bool, typer.Option("--admit", help="Take that memory, and admit streams until full.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Plan the memory of a model's steps: working memory, what is kept of each stream, and how many streams fit."""
    if admitted and limit is None:
        raise UsageError("--admit needs --limit MIB, the memory to admit streams into")
    report = _report(model, chunk_ms, streams, None if limit is None else limit * MIB, step)
    if memory_map is not None:
        _draw(memory_map, report, model, step)
    found = _admit(report) if admitted else None
    if as_json:
        typer.echo(json.dumps(_plain(report, model, step, found)))
        return
    for line in _lines(report, model, step, found):
        typer.echo(line)


def _report(model: str, chunk_ms: int, streams: int, limit: int | None, step: Step) -> MemoryReport:
    try:
        from understudy.memory_report import report_memory
    except ModuleNotFoundError as missing:
        advice = "install it with: pip install 'understudy[engine]'"
        raise UsageError(f"planning needs the package {missing.name!r}; {advice}") from None
    return report_memory(resolve_model(model), chunk_ms, streams, limit, step)


def _draw(path: Path, report: MemoryReport, model: str, step: Step) -> None:
    title = f"Working memory of {STEPS[step]}, {model}: {report.chunk_ms} ms of {report.streams} streams"
    try:
        path.write_text(map_svg(report.specs, report.plan, title), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--memory-map {path}: cannot be written ({error.strerror}); give another file") from None


def _admit(report: MemoryReport) -> int:
    from understudy.memory_report import admit

    try:
        return admit(report)
    except MemoryError as error:
        raise UsageError(f"--admit: {error}") from None


def _lines(report: MemoryReport, model: str, step: Step, found: int | None) -> list[str]:
    plan, record = report.plan, sum(report.record.values())
    parts = ", ".join(f"{name} {size:,}" for name, size in report.record.items())
    lines = [
        f"{model}, {STEPS[step]}: {report.chunk_ms} ms of {report.streams} streams, {report.ops} ops",
        f"working memory   {plan.peak:,} bytes for {len(report.specs)} buffers, by {plan.order}",
        f"                 lower bound {plan.lower_bound:,}; {report.unshared:,} if no byte were used twice",
        f"weights          {report.weights:,} bytes",
        f"a stream's kept  {record:,} bytes ({parts})",
    ]
    if report.capacity is not None:
        fits = report.capacity
        lines.append(
            f"limit            {fits.limit:,} bytes admit {fits.streams:,} streams, {fits.bytes:,} bytes in all"
        )
    if found is not None:
        lines.append(f"admitted         {found:,} streams, then refused one")
    return lines


def _plain(report: MemoryReport, model: str, step: Step, found: int | None) -> dict[str, Any]:
    plan = report.plan
    plain: dict[str, Any] = {
        "model": model,
        "step": step.value,
        "chunk_ms": report.chunk_ms,
        "streams": report.streams,
        "ops": report.ops,
        "buffers": len(report.specs),
        "peak": plan.peak,
        "lower_bound": plan.lower_bound,
        "unshared": report.unshared,
        "order": plan.order,
        "weights": report.weights,
        "record": dict(report.record),
    }
    if report.capacity is not None:
        plain |= {"limit": report.capacity.limit, "admits": report.capacity.streams, "taken": report.capacity.bytes}
    return plain | ({"admitted": found} if found is not None else {})

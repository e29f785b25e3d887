"""``understudy testset``: which test sets there are, what is in them, and making one of other people's data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from testsets import embedded, manifest
from testsets.case import TestSet
from testsets.importing import import_cases

app = typer.Typer(help="List, show, import and synthesise test sets.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
SHOWN_VALUES = 12  # of a tag; more are counted, not listed


@app.command("list")
def list_sets(as_json: AsJson = False) -> None:
    """List the embedded test sets."""
    rows = [summary(embedded.open_embedded(name)) for name in embedded.available()]
    if as_json:
        typer.echo(json.dumps({"testsets": rows}))
        return
    table = Table("name", "cases", "clusters", "words", "minutes", "digest", box=None, pad_edge=False)
    for row in rows:
        numbers = (str(row[key]) for key in ("cases", "clusters", "words"))
        table.add_row(row["name"], *numbers, f"{row['seconds'] / 60:.1f}", row["digest"][:12])
    Console().print(table)


@app.command()
def show(
    testset: Annotated[str, typer.Argument(help="An embedded set's name or a manifest's path.")],
    as_json: AsJson = False,
) -> None:
    """Show a test set by slice; everything wrong with a manifest is listed, and the exit code is 2."""
    if testset not in embedded.available() and (problems := manifest.validate(testset)):
        _report(problems, as_json)
        raise typer.Exit(2)
    found = embedded.open_set(testset)
    if as_json:
        typer.echo(json.dumps({**summary(found), "slices": slices(found)}))
        return
    row = summary(found)
    typer.echo(
        f"{row['name']}: {row['cases']} cases, {row['clusters']} clusters, {row['words']} reference words, "
        f"{row['seconds'] / 60:.1f} min, digest {row['digest'][:12]}"
    )
    table = Table("tag", "value", "cases", "minutes", box=None, pad_edge=False)
    for tag, values in slices(found).items():
        for place, (value, part) in enumerate(values.items()):
            if place == SHOWN_VALUES:
                table.add_row("", f"... and {len(values) - SHOWN_VALUES} more", "", "")
                break
            table.add_row("" if place else tag, value, str(part["cases"]), f"{part['seconds'] / 60:.1f}")
    Console().print(table)


@app.command("import")
def import_set(
    source: Annotated[Path, typer.Argument(help=".jsonl, .stm, .trn, .ctm, .json (SegLST), or a folder of audio.")],
    out: Annotated[Path, typer.Option(help="Manifest to write; audio stays where it is.")],
    audio: Annotated[Path | None, typer.Option(help="Folder of the audio; by default the source's own.")] = None,
    rttm: Annotated[Path | None, typer.Option(help="Speaker turns.")] = None,
    uem: Annotated[Path | None, typer.Option(help="Scored regions.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the set; by default the source's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a test set of other people's data."""
    found = import_cases(source, audio, speakers=rttm, scored=uem, watch=_bar)
    saved = manifest.save(out, name or source.stem, found.cases)
    answer = {"manifest": str(out), **summary(saved), "left_out": list(found.left_out)}
    if as_json:
        typer.echo(json.dumps(answer))
        return
    typer.echo(f"{out}: {answer['cases']} cases, {answer['clusters']} clusters, {answer['seconds'] / 60:.1f} min")
    for line in found.left_out:
        typer.echo(f"left out: {line}", err=True)


@app.command()
def synthesise(
    out: Annotated[Path, typer.Option(help="Folder to write into; made when missing.")],
    as_json: AsJson = False,
) -> None:
    """Make the embedded rehearsal set again with the installed flite and espeak-ng."""
    from testsets.synthesis.rehearsal import generate

    saved = generate(out)
    answer = {"manifest": str(out / embedded.MANIFEST), **summary(saved)}
    typer.echo(json.dumps(answer) if as_json else f"{answer['manifest']}: {answer['cases']} cases")


def summary(testset: TestSet) -> dict[str, Any]:
    """What a test set holds, in numbers."""
    cases = testset.cases
    return {
        "name": testset.name,
        "digest": testset.digest,
        "cases": len(cases),
        "with_reference": sum(case.reference is not None for case in cases),
        "with_turns": sum(bool(case.turns) for case in cases),
        "clusters": len({case.unit for case in cases}),
        "words": sum(len(case.reference.words) for case in cases if case.reference is not None),
        "seconds": round(sum(case.audio.samples / case.audio.rate for case in cases), 3),
    }


def slices(testset: TestSet) -> dict[str, dict[str, dict[str, float]]]:
    """Cases and seconds by tag and value; the most frequent value first."""
    counts: dict[str, Counter[str]] = {}
    seconds: dict[tuple[str, str], float] = {}
    for case in testset.cases:
        for tag, value in case.tags.items():
            counts.setdefault(tag, Counter())[value] += 1
            seconds[tag, value] = seconds.get((tag, value), 0.0) + case.audio.samples / case.audio.rate
    return {
        tag: {value: {"cases": n, "seconds": round(seconds[tag, value], 3)} for value, n in values.most_common()}
        for tag, values in counts.items()
    }


def _bar(names: Iterable[str]) -> Iterator[str]:
    yield from track(list(names), "Reading audio", console=Console(stderr=True), transient=True)


def _report(problems: list[manifest.Problem], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"problems": [str(problem) for problem in problems]}))
    for problem in problems:
        typer.echo(f"understudy: {problem}", err=True)

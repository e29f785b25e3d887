"""``understudy score``: word, character and speaker errors of files that somebody else produced."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from harness.measures.catalogue import CATALOGUE
from harness.measures.normalisation.packs import PACKS, normaliser
from harness.measures.speakers.diarisation import Dialect
from harness.measures.words.values import WordInformation
from harness.scoring.file_score import MINIMUM_CLUSTERS, FileScore, score_files
from harness.scoring.pair import Rules
from harness.scoring.sides import read_regions, read_side
from understudy.errors import UsageError


def score(
    reference: Annotated[Path, typer.Argument(help="The truth: .stm .ctm .trn .rttm .json (SegLST) .jsonl")],
    hypothesis: Annotated[Path, typer.Argument(help="What was recognised, in any of these formats.")],
    pack: Annotated[str, typer.Option("--normaliser", help=f"How texts are made alike: {', '.join(PACKS)}.")] = "basic",
    uem: Annotated[Path | None, typer.Option(help="Score speakers only in this file's regions.")] = None,
    collar_ms: Annotated[int, typer.Option(min=0, help="Forgiven on each side of a reference boundary.")] = 0,
    skip_overlap: Annotated[bool, typer.Option(help="Leave out where several speakers talk at once.")] = False,
    allow_partial: Annotated[bool, typer.Option(help="Score what both files have; count the rest.")] = False,
    missing_as_empty: Annotated[bool, typer.Option(help="An id the hypothesis lacks has nothing recognised.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score HYPOTHESIS against REFERENCE: WER and CER where both hold words, DER where both name speakers."""
    if pack not in PACKS:
        raise UsageError(f"--normaliser {pack}: no such pack; there are {', '.join(PACKS)}")
    rules = Rules(normaliser(pack), Dialect(collar_ms, skip_overlap))
    sides = read_side(reference, rules.dialect), read_side(hypothesis, rules.dialect)
    regions = None if uem is None else read_regions(uem)
    scores = score_files(*sides, rules, regions=regions, allow_partial=allow_partial, missing_as_empty=missing_as_empty)
    if as_json:
        typer.echo(json.dumps({"scores": [as_plain(found) for found in scores]}))
    else:
        show(scores)


def as_plain(found: FileScore) -> dict[str, Any]:
    """A score as ``--json`` prints it; undefined rates and intervals are null."""
    interval = None if found.interval is None else [found.interval.lower, found.interval.upper]
    return {
        "measure": found.measure,
        "rate": found.counts.rate,
        "interval": interval,
        "counts": asdict(found.counts),
        "scored": found.scored,
        "skipped": dict(found.skipped),
        "failed": found.failed,
        "clusters": found.clusters,
        "empty_references": found.empty_references,
        "empty_hypotheses": found.empty_hypotheses,
        "signature": found.signature,
    }


def show(scores: tuple[FileScore, ...]) -> None:
    """Print a table, and below it what was counted and how, once for measures that share it."""
    table = Table("measure", "rate", "95 % interval", "errors", "of", "meaning", box=None, pad_edge=False)
    for found in scores:
        info = CATALOGUE[found.measure]
        rate = "undefined" if found.counts.rate is None else f"{found.counts.rate:.2%}"
        table.add_row(info.title, rate, _interval(found), *_amounts(found), info.meaning)
    Console(width=140).print(table)
    groups: dict[str, list[FileScore]] = {}
    for found in scores:
        groups.setdefault(_counted(found), []).append(found)
    for counted, members in groups.items():
        typer.echo(f"{', '.join(CATALOGUE[found.measure].title for found in members)}: {counted}")
        for line in dict.fromkeys(found.signature.replace(f"|{found.measure}|", "|*|") for found in members):
            typer.echo("  " + line.replace("|*|", f"|{'+'.join(found.measure for found in members)}|"))


def _counted(found: FileScore) -> str:
    skipped = ", ".join(f"{why}: {n}" for why, n in found.skipped.items()) or "none"
    return (
        f"scored {found.scored}, skipped {skipped}, failed {found.failed}; "
        f"empty references {found.empty_references}, empty hypotheses {found.empty_hypotheses}"
    )


def _interval(found: FileScore) -> str:
    if found.interval is not None:
        return f"{found.interval.lower:.2%} to {found.interval.upper:.2%}"
    if found.clusters < MINIMUM_CLUSTERS:
        return f"needs {MINIMUM_CLUSTERS} clusters, has {found.clusters}"
    return "none: not a rate of sums"


def _amounts(found: FileScore) -> tuple[str, str]:
    counts = found.counts
    if isinstance(counts, WordInformation):
        return "", f"{counts.reference}"
    if counts.scale > 1:
        return f"{counts.errors / counts.scale:.2f} s", f"{counts.total / counts.scale:.2f} s"
    return str(counts.errors), str(counts.total)

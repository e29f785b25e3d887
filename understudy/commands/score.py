"""``understudy score``: word, character and speaker errors of files that somebody else produced."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from harness.measures.catalogue import measure_info, measure_title
from harness.measures.counts import CharacterErrors, SpeakerErrors, WordErrors
from harness.measures.meetings.errors import COLLAR_MS
from harness.measures.normalisation.packs import PACKS, normaliser
from harness.measures.speakers.dialects import CONVENTIONS, dialect
from harness.measures.speakers.dialects import NAMES as DIALECTS
from harness.measures.words.values import Detections, WordInformation
from harness.scoring.file_score import MINIMUM_CLUSTERS, FileScore, score_files
from harness.scoring.pair import Rules
from harness.scoring.sides import read_regions, read_side, read_tagged
from testsets.lines import read_text
from understudy.errors import UsageError

WIDTH = 150  # of the table: whole lines, wherever they are sent


def score(
    reference: Annotated[
        Path,
        typer.Argument(help="The truth: .stm .ctm .trn .nlp .rttm .json (SegLST) .jsonl (hypotheses or a test set)."),
    ],
    hypothesis: Annotated[Path, typer.Argument(help="What was recognised, in any of these formats.")],
    pack: Annotated[str, typer.Option("--normaliser", help=f"How texts are made alike: {', '.join(PACKS)}.")] = "basic",
    keywords: Annotated[Path | None, typer.Option(help="Words and phrases to be found, one a line.")] = None,
    vocabulary: Annotated[
        Path | None, typer.Option(help="Words known to the recogniser, one a line: all others are scored apart.")
    ] = None,
    entities: Annotated[
        Path | None, typer.Option(help="Classes of an .nlp reference's entities (.wer_tag.json): score each class.")
    ] = None,
    wordings: Annotated[
        Path | None, typer.Option(help="Wordings of an .nlp reference's entities (.norm.json): any is right.")
    ] = None,
    alternatives: Annotated[
        bool, typer.Option(help="The reference has sclite's { one / another } wordings and (optional) words.")
    ] = False,
    word_collar_ms: Annotated[
        int, typer.Option(min=0, help="tcWER, tcpWER: how far apart in time two words may be and still match.")
    ] = COLLAR_MS,
    tool: Annotated[
        str, typer.Option("--dialect", help=f"Whose diarisation conventions: {', '.join(CONVENTIONS)}.")
    ] = "understudy",
    uem: Annotated[Path | None, typer.Option(help="Score speakers only in this file's regions.")] = None,
    collar_ms: Annotated[
        int, typer.Option(min=0, help="Forgiven on each side of a reference boundary (pyannote: the whole width).")
    ] = 0,
    skip_overlap: Annotated[bool, typer.Option(help="Leave out where several speakers talk at once.")] = False,
    allow_partial: Annotated[bool, typer.Option(help="Score what both files have; count the rest.")] = False,
    missing_as_empty: Annotated[bool, typer.Option(help="An id the hypothesis lacks has nothing recognised.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score HYPOTHESIS against REFERENCE.

    Words (WER, CER, MER, WIL, punctuation, capitals) where both hold words, words by speaker (cpWER, tcpWER, ORC-WER,
    DI-cpWER) where words name speakers, and speakers (DER, JER) where both say who spoke when. Every score prints what
    was scored, skipped and failed, and the signature that says what it depends on. docs/measures.md explains each.
    """
    if pack not in PACKS:
        raise UsageError(f"--normaliser {pack}: no such pack; there are {', '.join(PACKS)}")
    if tool not in DIALECTS:
        raise UsageError(f"--dialect {tool}: no such dialect; there are {', '.join(CONVENTIONS)}")
    if entities is not None and (wordings is not None or alternatives):
        raise UsageError("--entities: where a text has alternatives its entities have no one place; score them apart")
    rules = Rules(
        normaliser(pack),
        dialect(tool, collar_ms, skip_overlap),
        keywords=_lines(keywords),
        vocabulary=None if vocabulary is None else _words(vocabulary, pack),
        alternatives=alternatives or wordings is not None,
        word_collar_ms=word_collar_ms,
    )
    if entities is None and wordings is None:
        truth = read_side(reference, rules.dialect)
    else:
        truth = read_tagged(reference, rules.dialect, entities, wordings)
    sides = truth, read_side(hypothesis, rules.dialect)
    regions = None if uem is None else read_regions(uem)
    scores = score_files(*sides, rules, regions=regions, allow_partial=allow_partial, missing_as_empty=missing_as_empty)
    if as_json:
        typer.echo(json.dumps({"scores": [as_plain(found) for found in scores]}))
    else:
        show(scores)


def _lines(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    found = tuple(line.strip() for line in read_text(path).splitlines() if line.strip())
    if not found:
        raise UsageError(f"{path}: holds no words; write one word or phrase a line")
    return found


def _words(path: Path, pack: str) -> frozenset[str]:
    return frozenset(word for line in _lines(path) for word in normaliser(pack).split(line))


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
    table = Table("measure", "rate", "95 % interval", "errors", "of", "made of", "meaning", box=None, pad_edge=False)
    for found in scores:
        info = measure_info(found.measure)
        rate = "undefined" if found.counts.rate is None else f"{found.counts.rate:.2%}"
        table.add_row(
            measure_title(found.measure), rate, _interval(found), *_amounts(found), _parts(found), info.meaning
        )
    Console(width=WIDTH).print(table)
    few = min(found.clusters for found in scores)
    if few < MINIMUM_CLUSTERS:
        typer.echo(f"An interval needs {MINIMUM_CLUSTERS} clusters (speakers, else ids); here are {few}.")
    for counted, members in _grouped(scores, _counted).items():
        typer.echo(f"{', '.join(measure_title(found.measure) for found in members)}: {counted}")
    for rest, members in _grouped(scores, lambda found: found.signature.replace(f"|{found.measure}|", "|*|")).items():
        typer.echo("  " + rest.replace("|*|", f"|{'+'.join(found.measure for found in members)}|"))


def _grouped(scores: Iterable[FileScore], key: Callable[[FileScore], str]) -> dict[str, list[FileScore]]:
    groups: dict[str, list[FileScore]] = {}
    for found in scores:
        groups.setdefault(key(found), []).append(found)
    return groups


def _counted(found: FileScore) -> str:
    skipped = ", ".join(f"{why}: {n}" for why, n in found.skipped.items()) or "none"
    return (
        f"scored {found.scored}, skipped {skipped}, failed {found.failed}; "
        f"empty references {found.empty_references}, empty hypotheses {found.empty_hypotheses}"
    )


def _interval(found: FileScore) -> str:
    return "" if found.interval is None else f"{found.interval.lower:.2%} to {found.interval.upper:.2%}"


def _amounts(found: FileScore) -> tuple[str, str]:
    counts = found.counts
    if isinstance(counts, WordInformation):
        return "", f"{counts.reference}"
    if counts.scale == 1:
        return str(counts.errors), str(counts.total)
    unit = " s" if isinstance(counts, SpeakerErrors) else ""
    return f"{counts.errors / counts.scale:.2f}{unit}", f"{counts.total / counts.scale:.2f}{unit}"


def _parts(found: FileScore) -> str:
    """What the errors are made of, where there is more than one kind."""
    counts = found.counts
    if isinstance(counts, WordErrors | CharacterErrors):
        return f"{counts.substitutions} sub {counts.deletions} del {counts.insertions} ins"
    if isinstance(counts, SpeakerErrors):
        parts = (("miss", counts.missed), ("fa", counts.false_alarm), ("conf", counts.confusion))
        return " ".join(f"{amount / counts.scale:.2f} {name}" for name, amount in parts)
    if isinstance(counts, Detections):
        return f"{counts.hits} found {counts.missed} missed {counts.spurious} spurious"
    return ""

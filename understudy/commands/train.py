"""``understudy train``: from other people's recordings to a model folder of one's own."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from understudy.errors import UsageError
from understudy.home import speech_folder

if TYPE_CHECKING:
    from engine.training.importing import Segment
    from engine.training.settings import Settings

app = typer.Typer(help="Import speech, prepare it, train a body on it, export a model.", no_args_is_help=True)


class Format(StrEnum):
    """Data sets that can be imported."""

    LIBRISPEECH = "librispeech"
    COMMON_VOICE = "common-voice"
    AMI = "ami"
    EARNINGS21 = "earnings21"
    NEMO = "nemo"
    LHOTSE = "lhotse"


class Microphone(StrEnum):
    """Which recording of an AMI meeting to take."""

    HEADSET = "headset"
    MIX = "mix"
    TABLE = "table"


class Device(StrEnum):
    """Where to train."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Storage(StrEnum):
    """How an exported body keeps its weights."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"


Config = Annotated[str, typer.Option(help="A recipe: a .toml file, or the name of one that comes with Understudy.")]
Speech = Annotated[
    Path | None, typer.Option(help="What $speech in the recipe stands for; by default $UNDERSTUDY_SPEECH.")
]
Work = Annotated[Path, typer.Option(help="What $work stands for: packed features, checkpoints, logs.")]
Processes = Annotated[
    int | None, typer.Option(help="Processes, each with one CPU thread or one GPU; else the recipe's.")
]
OnDevice = Annotated[Device | None, typer.Option(help="Where to train; else the recipe's.")]
Track = Annotated[str | None, typer.Option(metavar="URI", help="Keep curves in MLflow, such as sqlite:///mlflow.db.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Kept = Annotated[Storage, typer.Option(help="How weights are stored.")]


@app.command("import")
def import_speech(
    kind: Annotated[Format, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(Format)}.")],
    path: Annotated[Path, typer.Argument(help="The data set: a folder, a table or a manifest (docs/training.md).")],
    out: Annotated[Path, typer.Argument(help="Manifest to write (.jsonl); audio stays where it is.")],
    audio: Annotated[Path | None, typer.Option(help="AMI: the folder of its audio, if not the annotations'.")] = None,
    microphone: Annotated[Microphone, typer.Option(help="AMI: which recording to take.")] = Microphone.HEADSET,
    without_text: Annotated[bool, typer.Option(help="Keep recordings without words too, to pretrain on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a manifest of other people's recordings; what cannot be used is counted by reason."""
    from engine.training import importing

    found = importing.segments_of(kind, path, audio, importing.Microphone(microphone))
    findings = importing.import_corpus(_counted(found), out, without_text=without_text)
    hours = sum(kept.seconds for kept in findings.kept) / 3600
    speakers = len({kept.segment.speaker for kept in findings.kept})
    refused = {reason: len(names) for reason, names in findings.refused.items()}
    answer = {"manifest": str(out), "utterances": len(findings.kept), "hours": round(hours, 3), "speakers": speakers}
    if as_json:
        typer.echo(json.dumps({**answer, "refused": refused}))
        return
    typer.echo(f"{out}: {len(findings.kept)} utterances, {hours:.2f} h, {speakers} speakers")
    for line in findings.lines():
        typer.echo(line, err=True)


@app.command()
def words(
    manifest: Annotated[Path, typer.Argument(help="A manifest.")],
    lexicon: Annotated[Path, typer.Option(help="A pronouncing dictionary, optionally .xz.")],
    as_json: AsJson = False,
) -> None:
    """Look at a manifest through a lexicon: what could train, which words it lacks, which audio is missing."""
    from engine.alphabet import alphabet_of, read_lexicon
    from engine.training.corpus import require_audio, survey

    alphabet = alphabet_of(lexicon)
    found = survey(manifest, read_lexicon(lexicon, alphabet))
    require_audio(found.utterances, manifest)
    phones = len(alphabet.tokens) - 1
    if as_json:
        left_out = {reason: len(names) for reason, names in found.left_out.items()}
        answer = {"utterances": len(found.utterances), "phones": phones, "left_out": left_out}
        typer.echo(json.dumps({**answer, "unknown_words": dict(found.unknown.most_common())}))
        return
    typer.echo(f"{manifest}: {len(found.utterances)} utterances can train; the lexicon has {phones} phones")
    for line in found.lines():
        typer.echo(line)


@app.command()
def prepare(
    work: Work,
    config: Config = "standard",
    speech: Speech = None,
    only: Annotated[list[str] | None, typer.Option(help="Name of a pack, to share the work among machines.")] = None,
    processes: Annotated[int, typer.Option(help="Packs made at a time.")] = 1,
) -> None:
    """Fill the work folder: synthesised voices, and features in every version; what is there stays."""
    _prepare(_settings(config, speech, work), work, only or [], processes)


@app.command()
def pretrain(
    work: Work,
    config: Config = "pretrain",
    speech: Speech = None,
    processes: Processes = None,
    device: OnDevice = None,
    track: Track = None,
) -> None:
    """Pretrain a body on recordings of which no word need be known, or go on; prints the checkpoint."""
    _require_torch()
    from engine.training.guessing import read_plan
    from engine.training.pretrain import pretrain as run

    plan = read_plan(_recipe(config), _speech(speech), work)
    plan = replace(plan, settings=_on(plan.settings, processes, device))
    _prepare(plan.settings, work, [], 1)
    typer.echo(run(plan, track=track, bar=True))


@app.command()
def tune(
    work: Work,
    config: Config = "standard",
    speech: Speech = None,
    folder: Annotated[Path | None, typer.Option(help="Another folder for checkpoints and log.")] = None,
    start: Annotated[
        Path | None, typer.Option(help="A checkpoint to branch off: pretrained, shallower or equal.")
    ] = None,
    decay: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Let the rate fall at once, over so many seconds of work.")
    ] = None,
    processes: Processes = None,
    device: OnDevice = None,
    track: Track = None,
) -> None:
    """Train on labelled speech, or go on from the last checkpoint; prints that."""
    settings = _on(_settings(config, speech, work), processes, device)
    if folder is not None:
        settings = replace(settings, folder=folder)
    if decay is not None:
        settings = replace(settings, decay_seconds=decay, decay_steps=0)
    typer.echo(_tune(settings, start, track, decay=decay is not None))


@app.command()
def export(
    work: Work,
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    version: Annotated[str, typer.Option(help="Of this training.")],
    checkpoint: Annotated[Path | None, typer.Option(help="By default the last one of the recipe's folder.")] = None,
    name: Annotated[str, typer.Option(help="Of the model.")] = "reference",
    storage: Kept = Storage.FLOAT16,
    config: Config = "standard",
    speech: Speech = None,
) -> None:
    """Make a model folder of a checkpoint: what ``understudy serve`` and ``understudy gate`` take."""
    _export(_settings(config, speech, work), checkpoint, out, name, version, storage)


@app.command()
def run(
    work: Work,
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    version: Annotated[str, typer.Option(help="Of this training.")],
    name: Annotated[str, typer.Option(help="Of the model.")] = "reference",
    config: Config = "standard",
    speech: Speech = None,
    start: Annotated[Path | None, typer.Option(help="A checkpoint to begin from, such as a pretrained one.")] = None,
    storage: Kept = Storage.FLOAT16,
    processes: Processes = None,
    device: OnDevice = None,
    track: Track = None,
) -> None:
    """Do it all: prepare, tune to the recipe's last step, export. Started again, it goes on where it was."""
    settings = _on(_settings(config, speech, work), processes, device)
    _prepare(settings, work, [], processes or 1)
    last = _tune(settings, start, track, decay=False)
    _draw(settings.folder)
    _export(settings, last, out, name, version, storage)


@app.command()
def curve(folder: Annotated[Path, typer.Argument(help="The folder of a training, with its log.jsonl.")]) -> None:
    """Draw loss, phone error rates and learning rate of a training as curve.svg beside its log."""
    typer.echo(_draw(folder))


def _require_torch() -> None:
    missing = [module for module in ("torch", "onnx") if importlib.util.find_spec(module) is None]
    if missing:
        raise UsageError(f'training needs {" and ".join(missing)}; install with pip install "understudy[engine,train]"')


def _recipe(config: str) -> Path:
    own = Path(config)
    if own.suffix == ".toml":
        return own
    folder = Path(str(importlib.util.find_spec("engine.training").origin)).parent  # type: ignore[union-attr]
    known = sorted(path.stem for path in folder.glob("*.toml") if path.stem != "everyday")
    if config not in known:
        raise UsageError(f"recipe {config!r} is neither a .toml file nor one of {', '.join(known)}")
    return folder / f"{config}.toml"


def _speech(given: Path | None) -> Path:
    return given or speech_folder() or Path()


def _settings(config: str, speech: Path | None, work: Path) -> Settings:
    _require_torch()
    from engine.training.settings import read_settings

    return read_settings(_recipe(config), _speech(speech), work)


def _on(settings: Settings, processes: int | None, device: Device | None) -> Settings:
    if processes is not None and processes < 1:
        raise UsageError(f"--processes {processes}: one at least")
    return replace(settings, processes=processes or settings.processes, device=str(device or settings.device))


def _prepare(settings: Settings, work: Path, only: list[str], processes: int) -> None:
    from engine.training.prepare import prepare as fill

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task("preparing", total=None)

        def say(line: str) -> None:
            progress.console.print(line, markup=False, highlight=False)

        fill(settings, work, only=only, processes=processes, say=say)


def _tune(settings: Settings, start: Path | None, track: str | None, *, decay: bool) -> Path:
    from engine.training.trainer import Asked
    from engine.training.tune import tune as train

    return train(settings, Asked(start, decay=decay, track=track, bar=True))


def _export(settings: Settings, checkpoint: Path | None, out: Path, name: str, version: str, storage: Storage) -> None:
    from engine.training.export import export as write
    from engine.training.storage import Storage as Stored

    write(settings, checkpoint or settings.folder / "last.pt", out, name=name, version=version, storage=Stored(storage))
    typer.echo(out)


def _draw(folder: Path) -> Path:
    from engine.training.curve import draw

    return draw(folder)


def _counted(segments: Iterator[Segment]) -> Iterator[Segment]:
    columns = (SpinnerColumn(), TextColumn("reading audio {task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        for segment in segments:
            progress.advance(task)
            yield segment

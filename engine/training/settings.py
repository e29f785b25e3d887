"""The settings of a training, read from a TOML file."""

from __future__ import annotations

import argparse
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from engine.training.augmentation import Augmentation
from engine.training.blocks import Shape
from engine.training.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Corpus:
    """A packed corpus: its manifest, the stem of its packs, its versions, and the share an epoch takes."""

    manifest: Path
    stem: Path
    versions: tuple[str, ...]
    weights: tuple[float, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a training but the data themselves."""

    folder: Path
    lexicon: Path
    noises: Path
    corpora: tuple[Corpus, ...]
    dev: tuple[Corpus, ...]
    shape: Shape
    schedule: Schedule
    augmentation: Augmentation
    seed: int
    processes: int
    batch_seconds: float
    dropout: float
    weight_decay: float
    clip: float
    chunks: tuple[int, ...]
    steps: int
    decay_seconds: float
    save_every: int
    dev_every: int


def _corpus(table: dict[str, Any]) -> Corpus:
    versions = tuple(table["versions"])
    return Corpus(
        manifest=Path(table["manifest"]),
        stem=Path(table["stem"]),
        versions=versions,
        weights=tuple(table.get("weights", [1.0] * len(versions))),
        share=float(table.get("share", 1.0)),
    )


def read_settings(path: Path, speech: Path, work: Path) -> Settings:
    """Read a training's settings.

    Args:
        path: the TOML file.
        speech: the folder that ``$speech`` in it stands for.
        work: the folder that ``$work`` in it stands for.

    Raises:
        ValueError: a setting is missing or unknown.
    """
    text = Template(path.read_text(encoding="utf-8")).safe_substitute(speech=speech, work=work)
    table = tomllib.loads(text)
    try:
        return Settings(
            folder=Path(table.pop("folder")),
            lexicon=Path(table.pop("lexicon")),
            noises=Path(table.pop("noises")),
            corpora=tuple(_corpus(item) for item in table.pop("corpora")),
            dev=tuple(_corpus(item) for item in table.pop("dev")),
            shape=Shape(**table.pop("shape", {})),
            schedule=Schedule(**table.pop("schedule", {})),
            augmentation=Augmentation(**table.pop("augmentation", {})),
            chunks=tuple(table.pop("chunks")),
            **table,
        )
    except (KeyError, TypeError) as wrong:
        raise ValueError(f"{path}: setting missing or unknown ({wrong}); see engine/training/reference.toml") from None


RECIPE = Path(__file__).with_name("reference.toml")


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which recipe, speech data and work folder to use."""
    speech = os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech")
    parser.add_argument("--config", type=Path, default=RECIPE, help="a recipe; by default that of the reference body")
    parser.add_argument("--speech", type=Path, default=Path(speech), help="speech data (UNDERSTUDY_SPEECH)")
    parser.add_argument("--work", type=Path, required=True, help="packed features, checkpoints and log")

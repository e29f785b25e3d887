"""The settings of a training, read from a TOML file."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from engine.errors import TrainingError
from engine.training.augmentation import Augmentation
from engine.training.blocks import Shape
from engine.training.recipe import fill, read_table
from engine.training.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Corpus:
    """A packed corpus: its manifest, the stem of its packs, its versions, and the share an epoch takes.

    Attributes:
        weights: how often each version is drawn, one a version; empty for equally often.
    """

    manifest: Path
    stem: Path
    versions: tuple[str, ...]
    weights: tuple[float, ...] = ()
    share: float = 1.0

    def packs(self) -> list[Path]:
        """Give the stem of every version's pack."""
        return [self.stem.with_name(f"{self.stem.name}-{version}") for version in self.versions]

    def odds(self) -> tuple[float, ...]:
        """Give the weight of every version."""
        return self.weights or (1.0,) * len(self.versions)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the noises and rooms for disturbed versions are; what is not given is made by a random generator.

    Attributes:
        noise: a manifest of noises.
        split: which of them train.
        rooms: a folder of impulse responses in FLAC.
    """

    noise: Path | None = None
    split: str = "noise_train"
    rooms: Path | None = None


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What flite and espeak-ng say, in English, into ``synth_train`` and ``synth_dev`` of the work folder.

    Attributes:
        books: a text, a sentence a line (.xz), of which ``book_sentences`` are drawn.
        everyday_sentences: requests full of numbers and names.
        held_out: sentences of them for ``synth_dev``, by voices that never train.
    """

    books: Path | None = None
    book_sentences: int = 1500
    everyday_sentences: int = 1200
    held_out: int = 120


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a training but the data themselves.

    Attributes:
        folder: for checkpoints and log.
        noises: stem of the pack of noises.
        chunks: tokens of 40 ms, of which each step draws one; 0 is the whole recording.
        decay_seconds: seconds of work that a decay takes when it is told to begin.
        decay_steps: the last steps, over which the rate falls without being told; 0 for none.
        longest: seconds of audio beyond which an utterance is left out.
        device: ``cpu``, ``cuda``, or ``auto`` for a GPU if there is one.
        spell_unknown: let English words that the lexicon lacks be said by letter-to-sound; else leave their
            utterances out.
    """

    folder: Path
    lexicon: Path
    noises: Path
    corpora: tuple[Corpus, ...]
    dev: tuple[Corpus, ...]
    chunks: tuple[int, ...]
    seed: int
    processes: int
    batch_seconds: float
    dropout: float
    weight_decay: float
    clip: float
    steps: int
    save_every: int
    dev_every: int
    decay_seconds: float = 360.0
    decay_steps: int = 0
    longest: float = 40.0
    device: str = "cpu"
    spell_unknown: bool = True
    shape: Shape = field(default_factory=Shape)
    schedule: Schedule = field(default_factory=Schedule)
    augmentation: Augmentation = field(default_factory=Augmentation)
    surroundings: Places = field(default_factory=Places)
    synthesis: Synthesis | None = None

    def order(self) -> str:
        """Give a digest of what decides the order of batches: a training goes on exactly only where it is equal."""
        corpora = [(one.stem.name, one.versions, one.odds(), one.share) for one in self.corpora]
        decides = (self.seed, self.processes, self.batch_seconds, self.longest, self.chunks, corpora)
        return hashlib.sha256(json.dumps([decides, asdict(self.augmentation)]).encode()).hexdigest()


def read_settings(path: Path, speech: Path, work: Path) -> Settings:
    """Read a training's settings.

    Args:
        path: the TOML file.
        speech: the folder that ``$speech`` in it stands for.
        work: the folder that ``$work`` in it stands for.

    Raises:
        TrainingError: the file cannot be read, or a setting is missing, unknown or of no use.
    """
    settings = fill(Settings, read_table(path, speech, work), str(path))
    for problem in _problems(settings):
        raise TrainingError(str(path), problem)
    return settings


def _problems(settings: Settings) -> list[str]:
    corpora = (*settings.corpora, *settings.dev)
    return [
        *(f"{name} is {value}; it must be above 0" for name, value in _positive(settings).items() if value <= 0),
        *(f"{one.stem.name}: no versions" for one in corpora if not one.versions),
        *(
            f"{one.stem.name}: {len(one.weights)} weights for {len(one.versions)} versions"
            for one in corpora
            if one.weights and len(one.weights) != len(one.versions)
        ),
        *(
            f"chunks has {chunk}; even numbers of tokens from 0 on are wanted"
            for chunk in settings.chunks
            if chunk % 2 or chunk < 0
        ),
        *([] if settings.corpora else ["no corpora to train on"]),
        *([] if settings.chunks else ["chunks is empty"]),
    ]


def _positive(settings: Settings) -> dict[str, float]:
    names = ("processes", "batch_seconds", "steps", "save_every", "dev_every", "longest", "clip")
    return {name: getattr(settings, name) for name in names}


RECIPE = Path(__file__).with_name("standard.toml")


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which recipe, speech data and work folder to use."""
    speech = os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech")
    parser.add_argument("--config", type=Path, default=RECIPE, help="a recipe; by default that of the standard body")
    parser.add_argument("--speech", type=Path, default=Path(speech), help="speech data (UNDERSTUDY_SPEECH)")
    parser.add_argument("--work", type=Path, required=True, help="packed features, checkpoints and log")

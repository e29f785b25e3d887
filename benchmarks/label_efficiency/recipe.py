"""What the experiment trains: sizes, budgets, and the order of its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.training.augmentation import Augmentation
from engine.training.blocks import Shape
from engine.training.guessing import Plan
from engine.training.masking import Spans
from engine.training.quantiser import Codebooks
from engine.training.schedule import Schedule
from engine.training.settings import Settings

CHUNKS = (8, 16, 16, 32, 32, 0)
ARMS = ("scratch", "pretrained")
AUGMENTATION = Augmentation(noisy=0.1, narrow=0.0, padded=0.1, masks=2, warp=0.08, gain=0.9, tilt=0.4)
GUESSABLE = Augmentation(noisy=0.0, narrow=0.0, padded=0.1, masks=0, warp=0.06, gain=0.9, tilt=0.4)


@dataclass(frozen=True, slots=True)
class Cell:
    """One tuning: how many minutes have labels, whether the body was pretrained, and the seed of all draws."""

    minutes: int
    arm: str
    seed: int

    @property
    def name(self) -> str:
        """Of its file."""
        return f"seed{self.seed}-{self.minutes:03d}-{self.arm}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Budgets in seconds of audio trained on; both arms of a size are tuned on equally many.

    Attributes:
        shape: of the body.
        tuning: labelled minutes -> seconds of audio; the largest size means all there is.
        pretraining: seconds of audio of the one pretraining that all seeds share.
        batch_seconds: of a tuning step.
        pretraining_batch: seconds of audio in a step of pretraining.
        schedule: of a tuning.
        seeds: of subset, initial weights and draws.
        decay_from: share of a tuning after which the rate falls.
    """

    shape: Shape
    tuning: Mapping[int, float]
    pretraining: float
    batch_seconds: float
    pretraining_batch: float
    schedule: Schedule
    seeds: tuple[int, ...] = (1, 2, 3)
    decay_from: float = 0.4
    weight_decay: float = 0.02
    dropout: float = 0.1
    clip: float = 1.0

    def cells(self) -> Iterator[Cell]:
        """Every cell, all of one seed before the next, both arms of a size side by side."""
        for seed in self.seeds:
            for minutes in self.tuning:
                for arm in ARMS:
                    yield Cell(minutes, arm, seed)

    def plan(self, folder: Path, device: str) -> Plan:
        """The pretraining."""
        steps = round(self.pretraining / self.pretraining_batch)
        settings = Settings(
            folder=folder,
            lexicon=folder,
            noises=folder,  # lexicon, noises and corpora are handed over, not read
            corpora=(),
            dev=(),
            chunks=CHUNKS,
            seed=1,
            processes=1,
            batch_seconds=self.pretraining_batch,
            dropout=0.05,
            weight_decay=0.02,
            clip=1.0,
            steps=steps,
            decay_steps=round(0.4 * steps),
            save_every=100,
            dev_every=1,
            device=device,
            shape=self.shape,
            schedule=Schedule(peak=3e-3, warm_up=150, final=0.01),
            augmentation=GUESSABLE,
        )
        return Plan(settings, Codebooks(count=4, codes=512, width=16), Spans())


RECIPES = {
    "small": Recipe(  # about an hour and a half of one core; 40 minutes of it give the first seed
        shape=Shape(width=96, blocks=5, heads=4, inner=288),
        tuning={3: 12e3, 10: 15e3, 30: 20e3, 100: 26e3, 280: 34e3},
        pretraining=130e3,
        batch_seconds=22.0,
        pretraining_batch=40.0,
        schedule=Schedule(peak=3e-3, warm_up=100, final=0.01),
    ),
    "large": Recipe(  # for a GPU
        shape=Shape(width=256, blocks=9, heads=4, inner=1024),
        tuning={3: 2e4, 10: 5e4, 30: 1e5, 100: 2e5, 280: 4e5},
        pretraining=2e6,
        batch_seconds=120.0,
        pretraining_batch=600.0,
        schedule=Schedule(peak=1.5e-3, warm_up=100, final=0.01),
    ),
}

"""Pretrain a body on speech without words: ``python -m engine.training.pretrain --work FOLDER``.

What is not packed yet is packed first. A file named ``stop`` in its folder ends a pretraining after a checkpoint;
starting again goes on from there. ``tune --start`` takes the checkpoint: its body, with fresh heads.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from engine.errors import TrainingError
from engine.training.guessing import Plan, read_plan
from engine.training.prepare import prepare
from engine.training.pretrainer import Pretrainer, load_recordings
from engine.training.processes import run_processes
from engine.training.settings import add_places

RECIPE = Path(__file__).with_name("pretrain.toml")


def _process(rank: int, device: torch.device, plan: Plan, track: str | None, bar: bool) -> None:
    sources, noises = load_recordings(plan.settings)
    trainer = Pretrainer(plan, sources, noises, device, rank)
    if rank == 0:
        trainer.watch(track, bar=bar)
    trainer.run((plan.settings.folder / "stop").exists)


def pretrain(plan: Plan, *, track: str | None = None, bar: bool = False) -> Path:
    """Pretrain, or go on, and give the last checkpoint.

    Args:
        plan: what to train on and how.
        track: where MLflow keeps curves, such as ``sqlite:///mlflow.db``; None for nowhere.
        bar: draw a bar on stderr.

    Raises:
        TrainingError: the data, a checkpoint or the device are not what the plan says.
    """
    settings = plan.settings
    settings.folder.mkdir(parents=True, exist_ok=True)
    (settings.folder / "stop").unlink(missing_ok=True)
    run_processes(_process, (plan, track, bar), settings.processes, settings.device)
    return settings.folder / "last.pt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_places(parser)
    parser.set_defaults(config=RECIPE)
    parser.add_argument("--track", metavar="URI", help="keep curves in MLflow, such as sqlite:///mlflow.db")
    given = parser.parse_args(arguments)
    try:
        plan = read_plan(given.config, given.speech, given.work)
        prepare(plan.settings, given.work, say=lambda line: print(line, file=sys.stderr, flush=True))
        print(pretrain(plan, track=given.track, bar=sys.stderr.isatty()))
    except TrainingError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Train a body on labelled speech: ``understudy train tune --work FOLDER``, or ``python -m engine.training.tune``.

A training runs at a stable rate until its last ``decay_steps``, or until told to decay: by ``--decay`` (branch off a
checkpoint now) or by a file named ``decay`` in its folder. A file named ``stop`` ends it after a checkpoint. However it
ended, starting it again goes on from the last checkpoint; on CPUs with the weights as if it had never stopped, unless
it decays by the clock (``decay_seconds``).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from engine.training.processes import run_processes
from engine.training.settings import Settings, add_places, read_settings
from engine.training.trainer import Asked, Trainer

NOTHING = Asked()


def _process(rank: int, device: torch.device, settings: Settings, asked: Asked) -> None:
    Trainer(settings, rank, asked, device).run()


def tune(settings: Settings, asked: Asked = NOTHING) -> Path:
    """Train, or go on training, and give the last checkpoint.

    Args:
        settings: what to train on and how.
        asked: where to begin and who is told; a folder with a last checkpoint goes on from that, a deeper body grows
            out of a shallower one.

    Raises:
        TrainingError: the data, a checkpoint or the device are not what the settings say.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    (settings.folder / "stop").unlink(missing_ok=True)
    run_processes(_process, (settings, asked), settings.processes, settings.device)
    return settings.folder / "last.pt"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_places(parser)
    parser.add_argument("--folder", type=Path, help="another folder for checkpoints and log")
    parser.add_argument("--start", type=Path, help="a checkpoint to branch off")
    parser.add_argument("--decay", type=float, metavar="SECONDS", help="begin the decay at once, over so much work")
    parser.add_argument("--track", metavar="URI", help="keep curves in MLflow, such as sqlite:///mlflow.db")
    given = parser.parse_args(arguments)
    settings = read_settings(given.config, given.speech, given.work)
    if given.folder is not None:
        settings = replace(settings, folder=given.folder)
    if given.decay is not None:
        settings = replace(settings, decay_seconds=given.decay, decay_steps=0)
    print(tune(settings, Asked(given.start, decay=given.decay is not None, track=given.track)))


if __name__ == "__main__":
    main()

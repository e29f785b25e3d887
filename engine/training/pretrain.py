"""Pretrain a body on speech without words: ``python -m engine.training.pretrain --work FOLDER``.

What is not packed yet is packed first. A file named ``stop`` in its folder ends a pretraining after a checkpoint;
starting again goes on from there. ``tune --start`` takes the checkpoint: its body, with fresh heads.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import distributed
from torch.multiprocessing.spawn import ProcessRaisedException, spawn

from engine.errors import TrainingError
from engine.training.guessing import Plan, read_plan
from engine.training.prepare import prepare
from engine.training.pretrainer import Pretrainer, load_recordings
from engine.training.settings import add_places
from engine.training.tune import device_of

RECIPE = Path(__file__).with_name("pretrain.toml")


def _process(rank: int, plan: Plan, track: str | None, bar: bool, port: int) -> None:
    torch.set_num_threads(1)
    settings = plan.settings
    device = device_of(settings.device, rank)
    if settings.processes > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        wire = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(wire, rank=rank, world_size=settings.processes)
    with device:  # where masks and random numbers are made
        sources, noises = load_recordings(settings)
        trainer = Pretrainer(plan, sources, noises, device, rank)
        if rank == 0:
            trainer.watch(track, bar=bar)
        trainer.run((settings.folder / "stop").exists)
    if settings.processes > 1:
        distributed.destroy_process_group()


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
    device_of(settings.device, settings.processes - 1)
    settings.folder.mkdir(parents=True, exist_ok=True)
    (settings.folder / "stop").unlink(missing_ok=True)
    if settings.processes == 1:
        _process(0, plan, track, bar, 0)
    else:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        try:
            spawn(_process, (plan, track, bar, port), nprocs=settings.processes)  # type: ignore[no-untyped-call]
        except ProcessRaisedException as raised:
            _, mark, line = str(raised).rstrip().rpartition(f"{TrainingError.__name__}: ")
            if not mark:
                raise
            raise TrainingError(*line.split(": ", 1)) from None
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

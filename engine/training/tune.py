"""Train a body on labelled speech: ``understudy train tune --work FOLDER``, or ``python -m engine.training.tune``.

A training runs at a stable rate until its last ``decay_steps``, or until told to decay: by ``--decay`` (branch off a
checkpoint now) or by a file named ``decay`` in its folder. A file named ``stop`` ends it after a checkpoint. However it
ended, starting it again goes on from the last checkpoint; on CPUs with the weights as if it had never stopped, unless
it decays by the clock (``decay_seconds``).
"""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import distributed
from torch.multiprocessing.spawn import ProcessRaisedException, spawn

from engine.errors import TrainingError
from engine.training.settings import Settings, add_places, read_settings
from engine.training.trainer import FULL as FULL
from engine.training.trainer import Asked, Trainer

NOTHING = Asked()


def device_of(name: str, rank: int) -> torch.device:
    """Choose the device of a process.

    Raises:
        TrainingError: a GPU is asked for and there is none for this process.
    """
    if name not in {"cpu", "cuda", "auto"}:
        raise TrainingError("device", f"{name!r} is none of cpu, cuda, auto")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "cpu" or (name == "auto" and not count):
        return torch.device("cpu")
    if rank >= count:
        raise TrainingError(
            "device", f"process {rank + 1} has no GPU, for there are {count}; give fewer processes or cpu"
        )
    return torch.device("cuda", rank)


def _process(rank: int, settings: Settings, asked: Asked, port: int) -> None:
    torch.set_num_threads(1)
    device = device_of(settings.device, rank)
    if settings.processes > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        wire = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(wire, rank=rank, world_size=settings.processes)
    with device:  # where masks and random numbers are made
        Trainer(settings, rank, asked, device).run()
    if settings.processes > 1:
        distributed.destroy_process_group()


def tune(settings: Settings, asked: Asked = NOTHING) -> Path:
    """Train, or go on training, and give the last checkpoint.

    Args:
        settings: what to train on and how.
        asked: where to begin and who is told; a folder with a last checkpoint goes on from that, a deeper body grows
            out of a shallower one.

    Raises:
        TrainingError: the data, a checkpoint or the device are not what the settings say.
    """
    device_of(settings.device, settings.processes - 1)
    settings.folder.mkdir(parents=True, exist_ok=True)
    (settings.folder / "stop").unlink(missing_ok=True)
    if settings.processes == 1:
        _process(0, settings, asked, 0)
        return settings.folder / "last.pt"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        spawn(_process, (settings, asked, port), nprocs=settings.processes)  # type: ignore[no-untyped-call]
    except ProcessRaisedException as raised:
        _, mark, line = str(raised).rstrip().rpartition("engine.errors.TrainingError: ")
        if not mark:
            raise
        where, _, what = line.partition(": ")
        raise TrainingError(where, what) from None
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

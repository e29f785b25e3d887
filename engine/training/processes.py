"""The processes of a training: each on a device of its own, joined by a wire, or just this one."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

import torch
from torch import distributed
from torch.multiprocessing.spawn import ProcessRaisedException, spawn

from engine.errors import TrainingError


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


def run_processes(work: Callable[..., None], given: tuple[Any, ...], processes: int, device: str) -> None:
    """Do the same work in several processes that can average their gradients; a single one is this process.

    Args:
        work: takes its rank, its device and what is given; a function of a module, so that it can be sent over.
        given: the rest of its arguments.
        processes: how many.
        device: ``cpu``, ``cuda``, or ``auto`` for GPUs if there are any.

    Raises:
        TrainingError: there are too few devices, or the work raised it in one of the processes.
    """
    device_of(device, processes - 1)
    if processes == 1:
        _alone(0, work, given, device)
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        spawn(_joined, (work, given, processes, device, port), nprocs=processes)  # type: ignore[no-untyped-call]
    except ProcessRaisedException as raised:
        _, mark, line = str(raised).rstrip().rpartition(f"{TrainingError.__name__}: ")
        if not mark:
            raise
        where, _, what = line.partition(": ")
        raise TrainingError(where, what) from None


def _alone(rank: int, work: Callable[..., None], given: tuple[Any, ...], device: str) -> None:
    torch.set_num_threads(1)
    chosen = device_of(device, rank)
    with chosen:  # where masks and random numbers are made
        work(rank, chosen, *given)


def _joined(
    rank: int, work: Callable[..., None], given: tuple[Any, ...], processes: int, device: str, port: int
) -> None:
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    wire = "nccl" if device_of(device, rank).type == "cuda" else "gloo"
    distributed.init_process_group(wire, rank=rank, world_size=processes)
    _alone(rank, work, given, device)
    distributed.destroy_process_group()

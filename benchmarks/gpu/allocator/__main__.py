"""The allocator experiment: ``python -m benchmarks.gpu.allocator``; see docs/memory.md.

One trace of arrivals, once under each allocator and once in planned memory, each in a process of its own. On a GPU:
torch's caching allocator, the same with expandable segments, cudaMallocAsync, and one arena with captured graphs. On a
machine without one: glibc's malloc under eager torch, and one arena.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.gpu.allocator.figures import Arm, combine, table
from benchmarks.gpu.allocator.measure import Task
from benchmarks.gpu.allocator.plot import draw
from benchmarks.kernels.allocations import counter_library

ROOT = Path(__file__).resolve().parents[3]
SETTING = "PYTORCH_CUDA_ALLOC_CONF"
ARMS: Mapping[str, Mapping[str, str]] = {
    "cpu": {"glibc malloc": "", "arena": ""},
    "cuda": {
        "caching": "backend:native",
        "expandable segments": "backend:native,expandable_segments:True",
        "cudaMallocAsync": "backend:cudaMallocAsync",
        "arena": "backend:native",
    },
}


def measured(task: Task, setting: str) -> dict[str, Any]:
    """Run one arm in a process of its own.

    Raises:
        RuntimeError: it failed; the message is its last words.
    """
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    environment |= {SETTING: setting} if setting else {"LD_PRELOAD": str(counter_library())}
    line = [sys.executable, "-m", "benchmarks.gpu.allocator.measure", json.dumps(asdict(task))]
    done = subprocess.run(line, capture_output=True, text=True, env=environment, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"{task.arm} on {task.device} failed:\n{done.stderr.strip()[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def experiment(device: str, seed: int, ticks: int, mean: float, slots: int, rounds: int, budget: int) -> dict[str, Any]:
    """Run all arms, in turns, and combine what they found."""
    runs: dict[str, list[dict[str, Any]]] = {arm: [] for arm in ARMS[device]}
    batch = 1 << (slots - 1).bit_length()
    task = Task("", device, seed, ticks, mean, slots, batch)
    for round_ in range(rounds):
        for arm, setting in ARMS[device].items():
            print(f"{arm}: round {round_ + 1} of {rounds}", file=sys.stderr)
            runs[arm].append(measured(_named(task, arm), setting))
    limits = {arm: measured(_named(task, arm, budget), setting) for arm, setting in ARMS[device].items()}
    arms = {arm: asdict(combine(found, limits[arm])) for arm, found in runs.items()}
    about = {"device": runs["arena"][0]["device"], "kind": device, "torch": _torch_version(), "budget": budget}
    return about | {"trace": asdict(task) | {"rounds": rounds}, "arms": arms}


def _named(task: Task, arm: str, budget: int = 0) -> Task:
    return Task(**(asdict(task) | {"arm": arm, "budget": budget}))


def _torch_version() -> str:
    import torch

    return str(torch.__version__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--ticks", type=int, default=300, help="of 320 ms")
    parser.add_argument("--mean", type=float, help="streams at once  [default: 24, on a GPU 400]")
    parser.add_argument("--slots", type=int, help="places  [default: 32, on a GPU 512]")
    parser.add_argument("--rounds", type=int, default=3, help="each tick counts with its fastest")
    parser.add_argument("--budget", type=int, help="MiB to admit streams into  [default: 256, on a GPU 4096]")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "gpu", help="folder for the JSON file")
    parser.add_argument("--plot", type=Path, help="draw what was reserved over time into this SVG file")
    given = parser.parse_args(arguments)
    try:
        import torch
    except ImportError:
        raise SystemExit("the allocator experiment needs torch; install understudy[gpu] or understudy[train]") from None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    usual = (400.0, 512, 4096) if device == "cuda" else (24.0, 32, 256)
    asked = given.mean, given.slots, given.budget
    mean, slots, budget = (one or other for one, other in zip(asked, usual, strict=True))
    found = experiment(device, given.seed, given.ticks, mean, slots, given.rounds, budget << 20)
    name = "-".join(found["device"].lower().split()).replace("/", "-")
    path = given.out / f"allocator-{name}.json"
    path.write_text(json.dumps(found) + "\n", encoding="utf-8")
    if given.plot:
        given.plot.write_text(draw(found), encoding="utf-8")
    print(f"{found['device']}, torch {found['torch']}: {path}")
    print(table({name: Arm(**arm) for name, arm in found["arms"].items()}))
    if device == "cpu":
        print("on a CPU: the GPU arms (caching, expandable segments, cudaMallocAsync, arena) have not been run")


if __name__ == "__main__":
    main()

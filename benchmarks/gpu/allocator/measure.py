"""The child's side: run one arm through a trace, and say what it took, how often it asked and how long it was."""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from benchmarks.gpu.allocator.arms import Looking, Planned, Work, lanes_of
from benchmarks.gpu.allocator.meters import CudaMeter, Meter, ProcessorMeter
from benchmarks.gpu.allocator.trace import CHUNKS, TAILS, TICK_MS, Batch, Tick, arrivals, growth
from kernels.memory import FullError, capacity

SLACK = 4 << 20  # of a limit for what is not planned: alignment of the mapping, Python's own objects


@dataclass(frozen=True, slots=True)
class Task:
    """One arm's run.

    Attributes:
        arm: "arena" plans its memory; any other name is an allocator's.
        device: "cpu" or "cuda".
        seed: of the trace.
        ticks: of 320 ms.
        mean, slots: streams at once, on average and at most.
        batch: streams stepped together at most.
        budget: bytes to admit streams into until there are none left; 0 runs the trace instead.
    """

    arm: str
    device: str
    seed: int
    ticks: int
    mean: float
    slots: int
    batch: int
    budget: int = 0


def run(task: Task) -> dict[str, Any]:
    """Do a task in this process."""
    torch.set_num_threads(1)
    meter: Meter = CudaMeter() if task.device == "cuda" else ProcessorMeter()
    work = Work()
    _warm_up(work, task)
    return {"device": meter.name} | (_admit(task, work, meter) if task.budget else _follow(task, work, meter))


def _warm_up(work: Work, task: Task) -> None:
    """Let torch and Python set up what every arm needs, and drop it."""
    one = Looking(work, task.device)
    one.join(0)
    one.step(TICK_MS, [0])
    one.leave(0)
    gc.collect()
    if task.device == "cuda":
        torch.cuda.empty_cache()


def _arm(task: Task, work: Work, slots: int) -> Looking | Planned:
    if task.arm != "arena":
        return Looking(work, task.device)
    chunks = [TICK_MS] if task.budget else sorted({*CHUNKS, *TAILS})
    return Planned(work, task.device, slots, task.batch, chunks)


def _follow(task: Task, work: Work, meter: Meter) -> dict[str, Any]:
    trace = arrivals(np.random.default_rng(task.seed), task.ticks, task.mean, task.slots)
    arm = _arm(task, work, task.slots)
    for ms, streams in {(ms, len(streams)) for tick in trace.ticks for ms, streams in split(tick, task.batch)}:
        work.script(ms, streams)  # known before the clock runs
    times, reserved, needed, calls = [], [], [], []
    active = 0
    gc.collect()
    gc.disable()
    for tick in trace.ticks:
        batches = split(tick, task.batch)
        active += len(tick.joins)
        needed.append(active * work.record + max((_needed(work, batch) for batch in batches), default=0))
        meter.begin()
        for stream in tick.joins:
            arm.join(stream)
        for ms, streams in batches:
            arm.step(ms, streams)
        for stream in tick.leaves:
            arm.leave(stream)
        times.append(meter.end())
        calls.append(meter.calls())
        reserved.append(meter.reserved())
        active -= len(tick.leaves)
    return {
        "times": times, "reserved": reserved, "needed": needed,
        "calls": {name: [one[name] for one in calls] for name in calls[0]},
        "streams": sum(len(tick.joins) for tick in trace.ticks), "refused": trace.refused,
    }  # fmt: skip


def split(tick: Tick, most: int) -> list[Batch]:
    """The batches of a tick, none larger than ``most``."""
    return [(ms, all_[at : at + most]) for ms, all_ in tick.batches for at in range(0, len(all_), most)]


def _needed(work: Work, batch: Batch) -> int:
    ms, streams = batch
    alive = most = 0
    script = work.script(ms, len(streams))
    for size, ends in script:
        alive += size
        most = max(most, alive)
        alive -= sum(script[end][0] for end in ends)
    return most


def _admit(task: Task, work: Work, meter: Meter) -> dict[str, Any]:
    """Admit streams until the budget is used up; the most that were there at once."""
    predicted = None
    if task.arm == "arena":
        fits = capacity(task.budget - SLACK, 0, lanes_of(work, task.batch, [TICK_MS]), work.record)
        predicted = fits.streams - 1  # one slot is nobody's
    meter.limit(task.budget)
    arm = _arm(task, work, predicted or 0)
    admitted = active = 0
    for tick in growth(task.budget // work.record + 2, task.batch).ticks:
        try:
            for stream in tick.joins:
                arm.join(stream)
                active += 1
            for ms, streams in tick.batches:
                arm.step(ms, streams)
        except (MemoryError, RuntimeError) as full:
            if isinstance(full, FullError):  # what was admitted before it has its memory
                admitted = active
            return {"admitted": admitted, "predicted": predicted, "ended": str(full).splitlines()[0][:160]}
        admitted = max(admitted, active)
        for stream in tick.leaves:
            arm.leave(stream)
            active -= 1
    return {"admitted": admitted, "predicted": predicted, "ended": "the trace ended first"}


def main() -> None:
    """Do the task that the command line describes, and print what was found last."""
    task = Task(**json.loads(sys.argv[1]))
    print(json.dumps({"task": asdict(task)} | run(task)))


if __name__ == "__main__":
    main()

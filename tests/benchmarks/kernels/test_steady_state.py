"""Planned memory asks the system for nothing once it runs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.kernels.allocations import count_allocations
from engine.acoustic.body import read_card
from engine.acoustic.body_tape import read_tape
from engine.acoustic.stream_record import body_channels
from kernels.memory import Arena, Blocks, Slab, plan

MODEL = Path(__file__).parents[3] / "engine/models/reference-3"


pytestmark = pytest.mark.usefixtures("allocation_counter")


def joins_and_leaves(cycles: int) -> Callable[[], object]:
    slab = Slab({"keys": (np.float32, (48, 8)), "heard": (np.int64, ())}, 64)
    stay = [slab.acquire() for _ in range(64)]

    def step() -> None:
        for _ in range(cycles):  # all leave, then as many join
            for slot in stay:
                slab.release(slot)
            for place in range(64):
                stay[place] = slab.acquire()

    return step


def blocks_taken_and_given() -> Callable[[], object]:
    blocks = Blocks(64, 256)

    def step() -> None:
        taken = blocks.take()
        while taken is not None:
            taken = blocks.take()
        for block in range(64):
            blocks.give(block)

    return step


def planned_step(folder: str) -> Callable[[], object]:
    """Every buffer of the real tape is written by an op of numpy, and the state of a stream is moved on in its slot."""
    specs = read_tape(Path(folder)).specs(320, 2)
    planned = plan(specs)
    arena = Arena(planned.peak)
    views = [arena.view(planned.offsets[spec.name], (spec.bytes // 4,), np.float32) for spec in specs]
    slab = Slab(body_channels(read_card(Path(folder))), 4)
    slot = slab.acquire()
    states = [slab.view(name)[slot] for name in ("keys", "values", "gates")]

    def step() -> None:
        for view in views:
            np.add(view, view, out=view)
        for state in states:
            np.multiply(state, state, out=state)

    return step


def test_a_hundred_thousand_streams_come_and_go_without_a_request():
    found = count_allocations(joins_and_leaves, 16, calls=100)  # 64 streams each
    assert (found.total, found.free) == (0, 0)


def test_blocks_are_taken_and_given_without_a_request():
    assert count_allocations(blocks_taken_and_given, calls=100).total == 0


def test_a_planned_step_makes_no_request():
    assert count_allocations(planned_step, str(MODEL), calls=100).total == 0

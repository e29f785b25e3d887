"""What only a GPU can show: graphs replay the same numbers, and a step asks no allocator for anything."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.acoustic.body import Body
from engine.acoustic.executors import Choice
from engine.gpu.choice import choose
from engine.gpu.executor import Executor
from engine.gpu.weights import read_body

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]


@pytest.mark.parametrize("kernels", [False, True])
def test_graphs_hear_what_onnx_runtime_hears(folder: Path, device: SimpleNamespace, kernels: bool) -> None:
    body = Body.load(folder, Choice.ONNX_RUNTIME)
    shape, weights = read_body(folder / "body.onnx", body.card)
    executor = Executor(shape, weights, "cuda", choose("cuda" if kernels else "cpu"), [16, 32], 8, 8)
    rng, slots = np.random.default_rng(0), [executor.acquire() for _ in range(5)]
    states, heard = [body.begin(320) for _ in slots], [0] * 5
    for frames in (32, 16, 32, 8, 32, 32):
        chunk = rng.normal(10, 3, (5, frames, 80)).astype(np.float32)
        assert np.abs(executor.step(slots, heard, chunk) - body.step(states, chunk)).max() <= device.tolerance
        heard = [count + frames // 4 for count in heard]


def test_steps_under_churn_allocate_nothing(folder: Path) -> None:
    card = Body.load(folder, Choice.ONNX_RUNTIME).card
    shape, weights = read_body(folder / "body.onnx", card)
    executor = Executor(shape, weights, "cuda", choose("cuda"), [32], 64, 64)
    rng, chunk = np.random.default_rng(1), np.zeros((64, 32, 80), np.float32)
    slots = [executor.acquire() for _ in range(64)]
    before = torch.cuda.memory_stats()
    for _ in range(1_000):
        executor.release(slots.pop(int(rng.integers(len(slots)))))
        slots.append(executor.acquire())
        executor.step(slots, [0] * 64, chunk)
    after = torch.cuda.memory_stats()
    for name in ("allocation.all.allocated", "num_device_alloc"):
        assert after[name] == before[name], name

"""The arena on a device, here on the one that every machine has; and on a GPU where there is one."""

import subprocess
import sys

import numpy as np
import pytest

from kernels.memory.gpu import DeviceArena

torch = pytest.importorskip("torch", reason="torch is not installed")
CUDA = pytest.param(
    "cuda",
    marks=[pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")],
)


@pytest.mark.parametrize("device", ["cpu", CUDA])
def test_views_are_tensors_over_one_allocation(device):
    arena = DeviceArena(1000, device)
    assert arena.bytes == 1024
    assert not arena.tensor.any()
    floats = arena.view(256, (2, 3), torch.float32)
    floats[1, 2] = 1.0
    assert floats.data_ptr() == arena.tensor.data_ptr() + 256
    assert bytes(arena.view(276, (4,), np.uint8).cpu().numpy()) == np.float32(1.0).tobytes()
    assert arena.view(0, (4,), np.int16).dtype == torch.int16


@pytest.mark.parametrize("device", ["cpu", CUDA])
def test_poison(device):
    arena = DeviceArena(1024, device)
    arena.poison()
    assert all(arena.view(0, (8,), kind).isnan().all() for kind in (torch.float32, torch.float16, torch.bfloat16))


def test_what_does_not_fit_is_refused():
    arena = DeviceArena(1024, "cpu")
    with pytest.raises(ValueError, match="bytes 1020 to 1028 of an arena of 1024"):
        arena.view(1020, (2,), torch.float32)
    with pytest.raises(ValueError, match="no multiple of 4"):
        arena.view(2, (2,), torch.float32)
    with pytest.raises(ValueError, match="an arena of 0 bytes"):
        DeviceArena(0, "cpu")


def test_planning_loads_no_torch():
    code = "import sys, kernels.memory, kernels.memory.gpu; print('torch' in sys.modules, 'numba' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]

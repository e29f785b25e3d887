"""Where there is no GPU a launch says so, before anything runs."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="kernels for GPUs take torch's arrays; install understudy[gpu]")
pytest.importorskip("triton", reason="kernels for GPUs are compiled by Triton; install understudy[gpu]")

from kernels.convolution_ring.gpu import convolve  # noqa: E402
from kernels.launched import check_device  # noqa: E402


def test_arrays_on_no_gpu_are_told() -> None:
    slot, weights = torch.zeros(1, dtype=torch.int32), [torch.zeros(2, 6), *[torch.zeros(6)] * 3]
    out = torch.full((1, 4, 6), float("nan"))
    with pytest.raises(ValueError, match="convolution: arrays lie on cpu; bring them to a CUDA device"):
        convolve(torch.zeros(1, 4, 12), slot, slot, torch.zeros(1, 1, 6), *weights, out)
    assert out.isnan().all()
    check_device("convolution", "cuda")

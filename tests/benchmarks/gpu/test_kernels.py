"""The chore of timing kernels on a GPU: what it says without one, and that kernels do what plain torch does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="kernels for GPUs take torch's arrays; install understudy[gpu]")
pytest.importorskip("triton", reason="kernels for GPUs are compiled by Triton; install understudy[gpu]")

from benchmarks.gpu.kernels import main  # noqa: E402
from understudy.errors import UsageError  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
COMPARE = """
from benchmarks.gpu.kernels import agree, jobs
for name, job in jobs(2, "cpu").items():
    job.out.fill_(float("nan"))
    agree(name, job)
    print(name, int(job.least))
"""


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so() -> None:
    with pytest.raises(UsageError, match="no GPU here"):
        main([])


@pytest.mark.slow
def test_all_that_is_timed_agrees_with_plain_torch() -> None:
    environment = {**os.environ, "TRITON_INTERPRET": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COMPARE]
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert [line.split(",")[0] for line in made.stdout.splitlines()] == [
        "attention",
        "convolution",
        "trigrams",
        "log-mel",
    ]

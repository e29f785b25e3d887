"""The chore of training on a GPU: what it says without one, and what it reads from a log."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training is torch; install understudy[train]")

from benchmarks.gpu.train import main, rows_of  # noqa: E402
from understudy.errors import UsageError  # noqa: E402


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no GPU here"):
        main(["tune", "--work", str(tmp_path)])


def test_the_end_of_the_log_is_told(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps({"step": step, "loss": 2.0, "rate": 1e-3}) + "\n" for step in range(30)))
    assert rows_of(log, 2) == [{"step": 28, "loss": 2.0}, {"step": 29, "loss": 2.0}]

"""``understudy serve --device cuda``: what does not go with it, and machines without a GPU."""

import subprocess
import sys

import pytest

from engine.acoustic.executor_choice import Choice
from engine.gpu.device import DeviceError, check, look
from understudy.commands.serve import check_device
from understudy.errors import UsageError


@pytest.mark.parametrize(("workers", "body", "what"), [(2, Choice.AUTO, "--workers"), (1, Choice.OWN, "--body")])
def test_options_that_do_not_go_with_a_gpu_are_named(workers: int, body: Choice, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        check_device(workers, body)


def test_a_machine_without_a_gpu_is_told_in_one_line() -> None:
    missing = ""
    try:
        check(look())
    except DeviceError as told:
        missing = str(told)
    if not missing:
        pytest.skip("there is a GPU here, the service would start")
    command = [sys.executable, "-m", "understudy", "serve", "--device", "cuda", "--port", "0"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr == f"understudy: {missing}\n"
    assert run.stdout == ""

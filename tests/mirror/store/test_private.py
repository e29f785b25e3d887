"""Nothing in the clear stays behind, not even of a process that was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mirror.store.private import private_folder, sweep

KILLED = """
import os, signal
from mirror.store.private import private_folder
with private_folder(secret=True) as folder:
    (folder / "speech").write_text("in the clear")
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("secret", [False, True])
def test_a_folder_is_private_and_gone_afterwards(secret: bool) -> None:
    with private_folder(secret) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        sweep(young_seconds=-1)
        assert folder.is_dir()  # it is in use
    assert not folder.exists()


def test_what_a_killed_process_left_is_swept() -> None:
    left = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False).stdout.strip()
    assert (Path(left) / "speech").exists()
    sweep()
    assert Path(left).exists()  # it is young: its maker may not have locked it yet
    sweep(young_seconds=-1)
    assert not Path(left).exists()

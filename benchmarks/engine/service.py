"""The service under test, a process of its own on one core: started, watched, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is ready."""

    url: str
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time it has used."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Resident MiB."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE / 2**20


@contextlib.contextmanager
def running(model: str, extra: list[str], core: int) -> Iterator[Running]:
    """Serve a model on one core until the block ends.

    Args:
        model: as ``understudy serve --model`` takes it.
        extra: more options for it.
        core: number of the processor it may use.
    """
    command = [
        sys.executable,
        "-m",
        "understudy",
        "serve",
        "--model",
        model,
        "--port",
        "0",
        "--log-level",
        "warning",
        *extra,
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, {core})
    )
    assert process.stdout is not None
    try:
        while not (line := process.stdout.readline()).startswith("{"):
            if not line:
                raise SystemExit(f"the service ended with {process.wait()} before it was ready")
        yield Running(json.loads(line)["url"], process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)

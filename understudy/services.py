"""Start a process that says in one JSON line that it is ready, and stop it again."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.errors import UsageError


@dataclass(frozen=True, slots=True)
class Service:
    """A running process that listens on ``port`` of the loopback address."""

    process: subprocess.Popen[str]
    port: int
    ready: dict[str, object]  # its whole ready line

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v2"


@contextlib.contextmanager
def service(arguments: Sequence[str], log: Path, start_seconds: float = 60.0) -> Iterator[Service]:
    """Run ``understudy ARGUMENTS`` until the block ends.

    Args:
        arguments: the command and its options; it must print ``{"port": ...}`` on stdout once it accepts clients.
        log: file that takes its stderr.
        start_seconds: how long to wait for the ready line.

    Raises:
        UsageError: it ended or stayed silent before it was ready; the message quotes the end of its log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "understudy", *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        yield _await_ready(process, arguments, log, start_seconds)
    finally:
        _stop(process)


def _await_ready(process: subprocess.Popen[str], arguments: Sequence[str], log: Path, seconds: float) -> Service:
    assert process.stdout is not None
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and process.poll() is None:
            if not selector.select(timeout=min(left, 0.5)):
                continue
            line = process.stdout.readline()
            with contextlib.suppress(json.JSONDecodeError):
                ready = json.loads(line)
                if isinstance(ready, dict) and isinstance(ready.get("port"), int):
                    return Service(process, ready["port"], ready)
    tail = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it wrote nothing"]
    raise UsageError(
        f"`understudy {' '.join(arguments)}` did not become ready in {seconds:.0f} s: {tail[0]} (see {log})"
    )


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()

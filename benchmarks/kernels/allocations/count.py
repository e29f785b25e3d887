"""Counts the allocations of a callable, in a child process that the counting allocator was loaded into."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.kernels.allocations.library import counter_library

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Allocations:
    """What ``calls`` calls asked for, all threads of the process together.

    Attributes:
        malloc, calloc, realloc: calls of these, ``new`` of C++ included.
        aligned: posix_memalign, aligned_alloc, memalign and valloc.
        mmap: calls of mmap other than libc's own; Python takes memory for its small objects by them.
        free: calls of free with something to free.
        bytes: asked for by all of these.
        large: requests of 4,096 bytes or more.
        calls: of the callable.
    """

    malloc: int
    calloc: int
    realloc: int
    aligned: int
    mmap: int
    free: int
    bytes: int
    large: int
    calls: int

    @property
    def total(self) -> int:
        """Requests for memory, of any kind."""
        return self.malloc + self.calloc + self.realloc + self.aligned + self.mmap

    @property
    def a_call(self) -> float:
        """Requests for memory, of any kind, per call."""
        return self.total / self.calls


def count_allocations(
    prepare: Callable[..., Callable[[], object]],
    *arguments: Any,
    calls: int = 100,
    warm: int = 10,
    python_objects: bool = False,
) -> Allocations:
    """Count what a callable asks of the system's allocator once it has run for a while.

    Args:
        prepare: a function at the top of a module or test file; called in the child with ``arguments``, it returns
            what is to be counted, a callable without arguments. What ``prepare`` allocates is not counted.
        arguments: as JSON can say them.
        calls: counted ones, all with Python's garbage collector off.
        warm: calls before those.
        python_objects: let Python ask libc for each of its small objects too, so that they are counted; else only the
            pools that it keeps them in are.

    Raises:
        NoCounterError: this machine cannot count.
        RuntimeError: the child failed; the message is its last words.
    """
    file = inspect.getsourcefile(prepare)
    if file is None or "." in prepare.__qualname__:
        raise ValueError(f"{prepare.__qualname__}: give a function at the top of a file, the child must find it")
    task = {"file": file, "name": prepare.__name__, "arguments": arguments, "calls": calls, "warm": warm}
    environment = dict(os.environ, LD_PRELOAD=str(counter_library()), PYTHONPATH=str(ROOT))
    environment |= {"PYTHONMALLOC": "malloc"} if python_objects else {}
    line = [sys.executable, "-m", "benchmarks.kernels.allocations.child", json.dumps(task)]
    done = subprocess.run(line, capture_output=True, text=True, env=environment, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"counting {prepare.__name__} failed:\n{done.stderr.strip()[-2000:]}")
    counts: Sequence[int] = json.loads(done.stdout.splitlines()[-1])
    return Allocations(*counts, calls)

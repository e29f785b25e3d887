"""Builds the counting allocator with the machine's compiler."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("counter.c")


class NoCounterError(RuntimeError):
    """Allocations cannot be counted on this machine; says why, and what would help."""


@cache
def counter_library() -> Path:
    """The library, built once a process.

    Raises:
        NoCounterError: no compiler, or a system whose libc it does not know.
    """
    if not sys.platform.startswith("linux"):
        raise NoCounterError(f"allocations are counted on Linux only, this is {sys.platform}")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoCounterError("no C compiler to build the counting allocator with; install gcc")
    folder = tempfile.mkdtemp(prefix="understudy-allocations-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = Path(folder) / "counter.so"
    # Unknown symbols are refused, so that a libc without glibc's entry points fails here and not in the child.
    line = [compiler, "-O2", "-fPIC", "-shared", "-fno-builtin", "-Wl,-z,defs", "-o", str(library), str(SOURCE)]
    built = subprocess.run(line, capture_output=True, text=True)
    if built.returncode:
        raise NoCounterError(f"{SOURCE.name} does not compile here: {built.stderr.strip().splitlines()[-1]}")
    return library

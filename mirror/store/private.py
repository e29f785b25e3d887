"""Folders for what is for a moment in the clear: readable by this user only, in memory where the system can do that."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

_MEMORY = Path("/dev/shm")  # a file system that never touches the disk
_PREFIX = "understudy-private-"
_YOUNG_SECONDS = 60.0  # another process may not have locked a folder yet that it has just made


@contextlib.contextmanager
def private_folder(secret: bool) -> Iterator[Path]:
    """A folder that is gone afterwards; what is secret stays in memory where the system can do that."""
    root = _MEMORY if secret and _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=root) as folder, _held(Path(folder)):
        yield Path(folder)


def sweep(young_seconds: float = _YOUNG_SECONDS) -> None:
    """Remove the folders of processes that were killed before they could do it."""
    for root in {_MEMORY, Path(tempfile.gettempdir())}:
        for folder in root.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):  # gone meanwhile, still in use, or another user's
                if os.stat(folder).st_mtime < _now() - young_seconds:
                    with _held(folder):
                        shutil.rmtree(folder)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """A lock that ends with this process, however it ends."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
        yield
    finally:
        os.close(handle)


def _now() -> float:
    return time.clock_gettime(time.CLOCK_REALTIME)  # as file systems stamp files

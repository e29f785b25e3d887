"""One at a time: two that seal or erase in one store would undo each other's work."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from mirror.errors import StoreError


@contextlib.contextmanager
def own_turn(store: Path) -> Iterator[None]:
    """Keep every other process from sealing or erasing in a folder meanwhile; ends with this process at the latest.

    Raises:
        StoreError: another process is at it, or there is no such folder.
    """
    try:
        handle = os.open(store, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StoreError(str(store), f"cannot be opened ({error.strerror}); give the folder of a store") from None
    try:
        _lock(handle, store)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, store: Path) -> None:
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        what = "another process seals or erases here; try again when it is done"
        raise StoreError(str(store), what) from None
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL):  # not every file system has locks
            raise StoreError(str(store), f"cannot be locked ({error.strerror}); check the file system") from None

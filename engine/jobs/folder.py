"""The folder that holds a service's jobs: the store, the recordings, and uploads that are not jobs yet."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from engine.jobs.errors import StoreError


class DataFolder:
    """One service's data; nobody else uses it meanwhile."""

    def __init__(self, path: Path) -> None:
        """Make and take the folder.

        Raises:
            StoreError: it cannot be made or written to, or another service uses it.
        """
        self.path = path
        self._uploads, self._recordings = path / "uploads", path / "recordings"
        try:
            for folder in (path, self._uploads, self._recordings):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.database.touch(mode=0o600)  # SQLite gives its log the same rights
            self._taken: BinaryIO = (path / "lock").open("wb")
        except OSError as error:
            raise StoreError(str(path), f"cannot be used ({error.strerror}); name another data folder") from None
        try:
            fcntl.flock(self._taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._taken.close()
            raise StoreError(str(path), "another service uses it; name another data folder") from None

    def close(self) -> None:
        """Give the folder back."""
        self._taken.close()

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.path / "jobs.sqlite"

    def upload(self, job_id: str) -> Path:
        """Where a recording is written while it arrives."""
        return self._uploads / job_id

    def recording(self, job_id: str) -> Path:
        """Where the recording of a job lies."""
        return self._recordings / job_id

    def accept(self, job_id: str) -> None:
        """Make an upload the recording of a job, on disk for good."""
        _sync(self.upload(job_id))
        os.replace(self.upload(job_id), self.recording(job_id))
        _sync(self._recordings)

    def remove(self, job_id: str) -> None:
        """Delete the recording of a job, or what there is of its upload."""
        self.upload(job_id).unlink(missing_ok=True)
        self.recording(job_id).unlink(missing_ok=True)

    def sweep(self, kept: Iterable[str]) -> None:
        """Delete what a kill left behind: uploads that never became jobs, and recordings of deleted ones."""
        wanted = set(kept)
        for leftover in (*self._uploads.iterdir(), *self._recordings.iterdir()):
            if leftover.name not in wanted or leftover.parent == self._uploads:
                leftover.unlink()

    def free_bytes(self) -> int:
        """Room on its disk."""
        return shutil.disk_usage(self.path).free


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

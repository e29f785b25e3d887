"""The append-only history of a registry: JSON Lines, each line holding the hash of the line before."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any, Never

from harness.errors import RegistryError

FORMAT_VERSION = 1
_FIRST = "0" * 64  # what stands for the hash before the first line


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a champion."""

    at: str  # ISO 8601, UTC
    who: str
    action: str  # "appoint" (the first champion), "promote", "rollback"
    model: str
    from_version: int | None
    to_version: int
    from_digest: str | None
    to_digest: str
    why: str
    run: str | None  # id of the run that gave the PASS
    evidence: str | None  # SHA-256 of that run's verdict.json


class History:
    """A file of entries that can only grow."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self, model: str | None = None) -> tuple[Entry, ...]:
        """All entries, oldest first.

        Raises:
            RegistryError: a line was changed, removed or damaged.
        """
        found, _ = self._read()
        return tuple(entry for entry in found if model in (None, entry.model))

    def append(self, entry: Entry) -> None:
        """Write one more entry, on disk when this returns.

        Raises:
            RegistryError: the history so far is not intact.
        """
        _, last = self._read()
        body: dict[str, Any] = {"version": FORMAT_VERSION, "previous": last, **asdict(entry)}
        line = json.dumps(body | {"sha256": _hash(body)}, ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from changing the registry meanwhile."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("a") as lock:
            flock(lock, LOCK_EX)
            yield

    def _read(self) -> tuple[list[Entry], str]:
        found: list[Entry] = []
        last = _FIRST
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.is_file() else []
        for number, line in enumerate(lines, 1):
            body = self._parse(line, number)
            stated = body.pop("sha256", None)
            if body.get("previous") != last or stated != _hash(body):
                self._refuse(number, "does not follow from the line before: the history was changed")
            last = str(stated)
            found.append(Entry(**{key: body[key] for key in Entry.__dataclass_fields__}))
        return found, last

    def _parse(self, line: str, number: int) -> dict[str, Any]:
        try:
            body = json.loads(line)
        except json.JSONDecodeError:
            self._refuse(number, "is not JSON: the history is damaged")
        if not isinstance(body, dict) or body.get("version") != FORMAT_VERSION:
            self._refuse(number, f"is not of version {FORMAT_VERSION}, which is what this program reads")
        return body

    def _refuse(self, number: int, what: str) -> Never:
        raise RegistryError(f"{self._path}:{number}: {what}; restore the file from a backup before promoting anything")


def _hash(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

"""A chain of records: each holds the hash of the one before, so that none can be changed, left out or put between.

One small JSON file a record, ``<folder>/<number>.json``, written once and never again: a place that only knows whole
objects can hold it, and two writers at once cannot both write the same number. What a chain cannot show by itself is
that its *end* was cut off; whoever wants that keeps the last hash elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mirror.errors import StoreError
from mirror.store.place import Place

CHAIN_VERSION = 1
FIRST = "0" * 64  # what stands for the hash before the first record
_SUFFIX = ".json"
_ATTEMPTS = 100  # at a number that others keep taking


@dataclass(frozen=True, slots=True)
class Record:
    """One link."""

    number: int  # from 1
    body: Mapping[str, Any]  # what it says
    previous: str  # hash of the record before
    sha256: str  # its own


class Chain:
    """The records in one folder of a place.

    Args:
        place: where.
        folder: its name there.
    """

    def __init__(self, place: Place, folder: str) -> None:
        self._place, self._folder = place, folder
        self._head: tuple[int, str] | None = None  # number and hash of the last record, once known

    def append(self, body: Mapping[str, Any]) -> Record:
        """Write one more record, which lasts when this returns.

        Raises:
            StoreError: the last record is damaged, or others write without end.
            OSError: it cannot be written.
        """
        for _ in range(_ATTEMPTS):
            number, last = self.head()
            row = {"version": CHAIN_VERSION, "number": number + 1, "previous": last, "body": dict(body)}
            digest = _digest(row)
            text = json.dumps({**row, "sha256": digest}, ensure_ascii=False, sort_keys=True) + "\n"
            try:
                self._place.create(self._name(number + 1), text.encode())
            except FileExistsError:
                self._head = None  # another was quicker; go on from its record
                continue
            self._head = (number + 1, digest)
            return Record(number + 1, dict(body), last, digest)
        raise StoreError(self._where(0), "others write to it without end; try again when they are done")

    def head(self) -> tuple[int, str]:
        """Number and hash of the last record, (0, 64 zeros) when there is none.

        Raises:
            StoreError: it is damaged.
        """
        if self._head is None:
            number = max(self._numbers(), default=0)
            self._head = (number, self._read(number).sha256 if number else FIRST)
        return self._head

    def records(self) -> Iterator[Record]:
        """All records from the first on, each checked against the one before.

        Raises:
            StoreError: a record was changed, left out or put between.
        """
        last = FIRST
        for expected, number in enumerate(sorted(self._numbers()), start=1):
            if number != expected:
                raise StoreError(self._where(expected), "is missing; restore the file from a backup")
            record = self._read(number)
            if record.previous != last:
                raise StoreError(self._where(number), "does not follow from the record before; restore the files")
            last = record.sha256
            yield record

    def _numbers(self) -> list[int]:
        stems = (name.removesuffix(_SUFFIX) for name in self._place.names(self._folder) if name.endswith(_SUFFIX))
        return [int(stem) for stem in stems if stem.isdigit()]

    def _read(self, number: int) -> Record:
        where = self._where(number)
        try:
            row = json.loads(self._place.read(self._name(number)))
            version, stated = row["version"], row.pop("sha256")
            found = Record(row["number"], row["body"], row["previous"], stated)
        except FileNotFoundError:
            raise StoreError(where, "is missing; restore the file from a backup") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(where, f"is no record of a chain ({type(error).__name__}); restore the file") from None
        if version != CHAIN_VERSION:
            raise StoreError(where, f"is of version {version}, this program reads {CHAIN_VERSION}; use a matching one")
        if found.number != number or _digest(row) != stated:
            raise StoreError(where, "was changed: its hash is another; restore the file from a backup")
        return found

    def _name(self, number: int) -> str:
        return f"{self._folder}/{number:08d}{_SUFFIX}"

    def _where(self, number: int) -> str:
        return f"{self._place.location}/{self._name(number)}"


def _digest(row: Mapping[str, Any]) -> str:
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

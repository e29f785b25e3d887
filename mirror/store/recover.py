"""Reading a session file back, whole or torn.

The footer and the indexes of MCAP exist only after a clean end, so the file is read as a stream up to where it stops.
The library returns short data at the end of a torn file as if it were whole; ``_WholeReads`` makes that an end of
file, so that a torn record is dropped and never passed on cut.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from mcap.exceptions import EndOfFile, McapError
from mcap.records import Channel, Footer, Message, Metadata
from mcap.stream_reader import CRCValidationError, StreamReader

from mirror.errors import StoreError
from mirror.store.format import FORMAT, FORMAT_VERSION, META, Fact, Label, Note, Piece, Side

_RECORD_LIMIT = 256 * 2**20  # a corrupt length must not become an allocation of gigabytes


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that one file says."""

    path: Path
    label: Label
    pieces: tuple[Piece, ...]  # both sides, in the order in which they left the tee
    notes: tuple[Note, ...]
    torn: bool  # the recorder ended before it could close the file

    @property
    def ended(self) -> bool:
        """True when the session ran to its end under the recorder's eyes."""
        return any(note.fact is Fact.END for note in self.notes)


def read_recording(path: Path) -> Recording:
    """Read one session file up to its end or to where it was torn.

    Raises:
        StoreError: it is no capture, has a foreign version, is damaged, or was torn before its label.
    """
    label: Label | None = None
    topics: dict[int, str] = {}
    pieces: list[Piece] = []
    notes: list[Note] = []
    torn = True
    try:
        with path.open("rb") as file:
            for record in _records(cast(IO[bytes], _WholeReads(file))):
                if isinstance(record, Metadata) and record.name == FORMAT:
                    label = _label(path, record.metadata)
                elif isinstance(record, Channel):
                    topics[record.id] = record.topic
                elif isinstance(record, Message) and label is not None:
                    _sort_in(record, topics[record.channel_id], label, pieces, notes)
                elif isinstance(record, Footer):
                    torn = False
    except OSError as error:
        raise StoreError(str(path), f"cannot be read ({error.strerror}); check the path and its permissions") from None
    except CRCValidationError:
        what = f"damaged after {len(pieces)} pieces: a chunk fails its checksum; restore the file or remove it"
        raise StoreError(str(path), what) from None
    except (McapError, struct.error, KeyError, ValueError) as error:
        if isinstance(error, StoreError):
            raise
        what = f"not a readable capture ({error or type(error).__name__}); restore the file or remove it"
        raise StoreError(str(path), what) from None
    if label is None:
        raise StoreError(str(path), "torn before its label, so nothing of the session is left; remove the file")
    return Recording(path, label, tuple(pieces), tuple(notes), torn)


def _records(file: IO[bytes]) -> Iterator[object]:
    """All records up to the end of the file, wherever that is."""
    try:
        yield from StreamReader(file, validate_crcs=True, record_size_limit=_RECORD_LIMIT).records
    except EndOfFile:
        return


def _label(path: Path, metadata: dict[str, str]) -> Label:
    version = metadata.get("version", "none")
    if version != str(FORMAT_VERSION):
        what = f"capture format version {version}, this program reads {FORMAT_VERSION}; use the program that wrote it"
        raise StoreError(str(path), what)
    tags = json.loads(metadata["tags"])
    return Label(metadata["session"], int(metadata["began_utc_ns"]), metadata["upstream"], tags)


def _sort_in(record: Message, topic: str, label: Label, pieces: list[Piece], notes: list[Note]) -> None:
    at_ns = record.log_time - label.began_utc_ns
    if topic == META:
        detail = json.loads(record.data)
        notes.append(Note(Fact(detail.pop("fact")), at_ns, detail))
    else:
        pieces.append(Piece(Side(topic), at_ns, record.data))


class _WholeReads:
    """A file whose reads give all bytes asked for, or none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, length: int) -> bytes:
        data = self._file.read(length)
        return data if len(data) == length else b""

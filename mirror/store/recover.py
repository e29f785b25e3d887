"""Reading a session file back, whole or torn, in the clear or sealed.

The footer and the indexes of MCAP exist only after a clean end, so the file is read as a stream up to where it stops.
The library returns short data at the end of a torn file as if it were whole; ``_WholeReads`` makes that an end of
file, so that a torn record is dropped and never passed on cut.
"""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from mcap.exceptions import EndOfFile, McapError
from mcap.records import Channel, Footer, Message, Metadata
from mcap.stream_reader import CRCValidationError, StreamReader

from mirror.errors import StoreError
from mirror.privacy.keys import CIPHER, Header, SessionKey, read_key
from mirror.store.format import FORMAT, FORMAT_VERSION, META, SEALED_VERSION, Fact, Label, Note, Piece, Side

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


def read_recording(path: Path, identities: Sequence[Any] = ()) -> Recording:
    """Read one session file up to its end or to where it was torn.

    Args:
        path: the file.
        identities: private keys (``privacy.keys.read_identities``), for a file that is sealed.

    Raises:
        StoreError: it is no capture, has a foreign version, is damaged, was torn before its label, or does not open.
    """
    reading = Reading(path, identities)
    pieces: list[Piece] = []
    notes: list[Note] = []
    for item in reading:
        if isinstance(item, Piece):
            pieces.append(item)
        else:
            notes.append(item)
    return Recording(path, reading.label, tuple(pieces), tuple(notes), reading.torn)


def read_label(path: Path) -> tuple[Label, bool]:
    """What a session file says of itself in its first record, and whether it is sealed.

    Raises:
        StoreError: as ``read_recording``; nothing behind the label is looked at.
    """
    with _told(path, lambda: 0), path.open("rb") as file:
        for record in _records(file):
            if isinstance(record, Metadata) and record.name == FORMAT:
                return _label(path, record.metadata)
    raise StoreError(str(path), _NO_LABEL)


def raw_records(path: Path) -> Iterator[object]:
    """The MCAP records of a session file, up to its end or to where it was torn.

    Raises:
        StoreError: it is no capture, or is damaged.
    """
    count = 0
    with _told(path, lambda: count), path.open("rb") as file:
        for record in _records(file):
            count += 1
            yield record


class Reading:
    """One pass over a session file, a piece at a time; what it says of the whole file is true after the pass.

    Args:
        path: the file.
        identities: private keys, for a file that is sealed.
    """

    def __init__(self, path: Path, identities: Sequence[Any] = ()) -> None:
        self.path, self._identities = path, identities
        self.torn = True
        self.encrypted = False
        self._label: Label | None = None
        self._key: SessionKey | None = None
        self._topics: dict[int, str] = {}
        self._count = 0  # records read, also the number of the next
        self._numbered = True  # the first recorders gave every record the number 0
        self._last_ns: dict[str, int] = {}

    @property
    def label(self) -> Label:
        """What is known of the session."""
        if self._label is None:
            raise StoreError(str(self.path), _NO_LABEL)
        return self._label

    def __iter__(self) -> Iterator[Piece | Note]:
        with _told(self.path, lambda: self._count), self.path.open("rb") as file:
            for record in _records(file):
                if isinstance(record, Metadata) and record.name == FORMAT:
                    self._begin(record)
                elif isinstance(record, Channel):
                    self._topics[record.id] = record.topic
                elif isinstance(record, Message) and self._label is not None:
                    yield self._item(record, self._label)
                elif isinstance(record, Footer):
                    self.torn = False
        if self._label is None:
            raise StoreError(str(self.path), _NO_LABEL)

    def _begin(self, record: Metadata) -> None:
        self._label, self.encrypted = _label(self.path, record.metadata)
        if self.encrypted and not self._identities:
            what = f"session {self._label.session} is encrypted; give the file of a private key (--identity)"
            raise StoreError(str(self.path), what)
        if self.encrypted:
            self._key = read_key(self.path.parent, self._label.session, self._identities)

    def _item(self, record: Message, label: Label) -> Piece | Note:
        topic, at_ns = self._topics[record.channel_id], record.log_time - label.began_utc_ns
        self._check(record.sequence, topic, at_ns)
        if topic == META:
            detail = json.loads(record.data)
            return Note(Fact(detail.pop("fact")), at_ns, detail)
        data = record.data
        if self._key is not None:
            header = Header(topic, record.sequence, at_ns, record.log_time)
            data = self._key.opened(header, data, str(self.path))
        return Piece(Side(topic), at_ns, data)

    def _check(self, number: int, topic: str, at_ns: int) -> None:
        """The numbers of a recorder have no gaps, and its clock never goes back: else somebody changed the file."""
        if self._count == 1 and number == 0 and not self.encrypted:
            self._numbered = False
        if number != (self._count if self._numbered else 0):
            what = f"record {number} stands where {self._count} belongs: a part is missing; restore the file"
            raise StoreError(str(self.path), what)
        last = self._last_ns.get(topic, 0)
        if topic != META and at_ns < last:  # a note tells of an earlier moment, too
            what = f"the clock of the {topic} goes back from {last / 1e9:.3f} s to {at_ns / 1e9:.3f} s"
            raise StoreError(str(self.path), f"{what} at record {number}; restore the file or remove it")
        self._last_ns[topic] = at_ns
        self._count += 1


_NO_LABEL = "torn before its label, so nothing of the session is left; remove the file"


@contextlib.contextmanager
def _told(path: Path, count: Callable[[], int]) -> Iterator[None]:
    """What goes wrong with a file, in one line."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(str(path), f"cannot be read ({error.strerror}); check the path and its permissions") from None
    except CRCValidationError:
        what = f"damaged after {count()} records: a chunk fails its checksum; restore the file or remove it"
        raise StoreError(str(path), what) from None
    except (McapError, struct.error, KeyError, ValueError) as error:
        what = f"not a readable capture ({error or type(error).__name__}); restore the file or remove it"
        raise StoreError(str(path), what) from None


def _records(file: IO[bytes]) -> Iterator[object]:
    """All records up to the end of the file, wherever that is."""
    whole = cast(IO[bytes], _WholeReads(file))
    try:
        yield from StreamReader(whole, validate_crcs=True, record_size_limit=_RECORD_LIMIT).records
    except EndOfFile:
        return


def _label(path: Path, metadata: dict[str, str]) -> tuple[Label, bool]:
    version, cipher = metadata.get("version", "none"), metadata.get("cipher")
    if version not in (str(FORMAT_VERSION), str(SEALED_VERSION)):
        known = f"{FORMAT_VERSION} and {SEALED_VERSION}"
        what = f"capture format version {version}, this program reads {known}; use the program that wrote it"
        raise StoreError(str(path), what)
    sealed = version == str(SEALED_VERSION)
    if sealed and cipher != CIPHER:
        raise StoreError(
            str(path), f"is sealed by {cipher}, this program reads {CIPHER}; use the program that wrote it"
        )
    tags = json.loads(metadata["tags"])
    return Label(metadata["session"], int(metadata["began_utc_ns"]), metadata["upstream"], tags), sealed


class _WholeReads:
    """A file whose reads give all bytes asked for, or none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, length: int) -> bytes:
        data = self._file.read(length)
        return data if len(data) == length else b""

"""A sealed session: decoded once, checked, and kept as files that any tool reads.

``sealed/<session>/`` holds ``audio.flac`` (or ``.wav``: true floats), ``events.parquet``, ``details.json`` and, written
last, ``entry.json``: what a catalogue needs, and the SHA-256 of the other files. The files of an encrypted session are
locked by its key (``locked``), all but the entry, which quotes nothing that was said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.privacy.keys import KEY_FOLDER, KEY_SUFFIX, unwrapped
from mirror.store.handshake import Head
from mirror.store.locked import SUFFIX, unlock
from mirror.store.place import Place
from mirror.store.private import private_folder
from testsets.errors import FormatError
from testsets.eventlog_io import read_event_logs
from testsets.events import EventLog

FORMAT = "understudy-sealed"
FORMAT_VERSION = 1
SEALED_FOLDER = "sealed"
ENTRY, DETAILS, EVENTS, AUDIO = "entry.json", "details.json", "events.parquet", "audio"
ARM = "captured"  # of the one log in ``events.parquet``


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the clear."""

    session: str
    began_utc_ns: int
    upstream: str
    tags: Mapping[str, str]
    language: str | None
    rate: int
    samples: int
    packets: int
    words: int
    size: int  # bytes of both sides
    problem: str | None  # why the capture is incomplete
    failure: str | None  # why the recogniser did not finish
    encrypted: bool
    files: Mapping[str, str]  # name -> SHA-256


@dataclass(frozen=True, slots=True)
class SealedSession:
    """A session that can be read without its capture."""

    id: str
    path: Path
    began_utc_ns: int
    upstream: str
    tags: Mapping[str, str]
    cluster: str | None
    request: Head
    response: Head
    config: Mapping[str, Any]  # as a case holds it
    problem: str | None
    size: int
    encrypted: bool
    entry: Entry
    audio_name: str
    _place: Place
    _secret: bytes | None

    def audio_to(self, stem: Path) -> Path:
        """Put the audio, exactly as it was sent, beside ``stem``; gives the file's path.

        Raises:
            StoreError: it was changed, or the folder cannot be written.
        """
        target = stem.with_name(stem.name + Path(self.audio_name).suffix)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            fetch(self._place, self.entry, self.audio_name, target, self._secret)
        except OSError as error:
            raise StoreError(str(self.path), f"its audio cannot be brought to {target} ({error})") from None
        return target

    def log(self) -> EventLog:
        """What production answered.

        Raises:
            StoreError: it was changed.
        """
        return fetch_log(self._place, self.entry, self._secret)


def sealed_names(place: Place) -> list[str]:
    """The sealed sessions of a place; one whose sealing was cut short is none."""
    return place.holders(SEALED_FOLDER, ENTRY)


def is_sealed(place: Place, session: str) -> bool:
    """True when a session was sealed in this place."""
    return ENTRY in place.names(f"{SEALED_FOLDER}/{session}")


def read_entry(place: Place, session: str) -> Entry:
    """What is known of a sealed session without opening it.

    Raises:
        StoreError: it is damaged, or of a foreign version.
        OSError: the place cannot be read.
    """
    where = f"{place.location}/{name_of(session, ENTRY)}"
    try:
        row = json.loads(place.read(name_of(session, ENTRY)))
        known, version = row.pop("format"), row.pop("version")
        if known == FORMAT and version == FORMAT_VERSION:
            return Entry(**row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(where, f"is no entry of a sealed session ({error!r}); restore the file") from None
    what = f"{known} version {version}, this program reads {FORMAT} {FORMAT_VERSION}; use the program that wrote it"
    raise StoreError(where, what)


def read_sealed(place: Place, session: str, identities: Sequence[Any] = ()) -> SealedSession:
    """Open a sealed session; its audio and its events stay where they are until asked for.

    Raises:
        StoreError: it is damaged, was changed, is of a foreign version, or does not open.
    """
    where = f"{place.location}/{SEALED_FOLDER}/{session}"
    try:
        entry = read_entry(place, session)
        secret = read_secret(place, session, identities) if entry.encrypted else None
        with private_folder(entry.encrypted) as folder:
            fetch(place, entry, DETAILS, folder / DETAILS, secret)
            details = json.loads((folder / DETAILS).read_bytes())
        return SealedSession(
            id=session,
            path=Path(where),
            began_utc_ns=entry.began_utc_ns,
            upstream=entry.upstream,
            tags=entry.tags,
            cluster=details["cluster"],
            request=_head(details["request"]),
            response=_head(details["response"]),
            config=details["config"],
            problem=entry.problem,
            size=entry.size,
            encrypted=entry.encrypted,
            entry=entry,
            audio_name=details["audio"]["file"],
            _place=place,
            _secret=secret,
        )
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(where, f"cannot be read ({error.strerror or error})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(where, f"its details are damaged ({error!r}); restore them from a backup") from None


def read_secret(place: Place, session: str, identities: Sequence[Any]) -> bytes:
    """The key of a session in this place.

    Raises:
        StoreError: it was erased, was wrapped for somebody else, or nobody gave a private key.
        OSError: the place cannot be read.
    """
    name = f"{KEY_FOLDER}/{session}{KEY_SUFFIX}"
    where = f"{place.location}/{name}"
    if not identities:
        raise StoreError(where, f"session {session} is encrypted; give the file of a private key (--identity)")
    try:
        data = place.read(name)
    except FileNotFoundError:
        raise StoreError(where, f"the key of session {session} is gone: the session was erased") from None
    return unwrapped(data, identities, where)


def fetch(place: Place, entry: Entry, name: str, target: Path, secret: bytes | None) -> None:
    """Bring one file of a sealed session here, in the clear, once its hash is found right.

    Raises:
        StoreError: it is not what was sealed.
        OSError: it cannot be read or written.
    """
    stored = name + (SUFFIX if secret is not None else "")
    where = f"{place.location}/{name_of(entry.session, stored)}"
    arrived = target.with_name(target.name + ".arrived")
    try:
        place.get(name_of(entry.session, stored), arrived)
        if file_sha256(arrived) != entry.files.get(stored):
            raise StoreError(where, "is not the file that was sealed: its hash is another; restore it from a backup")
        if secret is None:
            arrived.replace(target)
        else:
            unlock(arrived, target, secret, name_of(entry.session, name), where)
    except FileNotFoundError:
        raise StoreError(where, "is missing; restore it from a backup") from None
    finally:
        arrived.unlink(missing_ok=True)


def fetch_log(place: Place, entry: Entry, secret: bytes | None) -> EventLog:
    """The events of a sealed session.

    Raises:
        StoreError: they are not what was sealed.
    """
    where = f"{place.location}/{name_of(entry.session, EVENTS)}"
    try:
        with private_folder(secret is not None) as folder:
            fetch(place, entry, EVENTS, folder / EVENTS, secret)
            (log,) = read_event_logs(folder / EVENTS)[ARM]
            return log
    except (FormatError, KeyError, ValueError, OSError) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(where, f"cannot be read ({error}); restore it from a backup") from None


def name_of(session: str, file: str) -> str:
    """A file of a sealed session, as its place names it."""
    return f"{SEALED_FOLDER}/{session}/{file}"


def file_sha256(path: Path) -> str:
    """Of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _head(row: Mapping[str, Any]) -> Head:
    return Head(row["first_line"], tuple((name, value) for name, value in row["headers"]))

"""The catalogue: what sessions a store holds, found without opening each of them again.

Its index is a cache, a SQLite file that may be deleted at any time: a row counts only while the files it was made from
are what they were. Nothing that was said is in it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.store.cases import config_of, event_log
from mirror.store.format import SUFFIX
from mirror.store.place import Folder, Place
from mirror.store.recover import read_label
from mirror.store.sealed import ENTRY, Entry, is_sealed, name_of, read_entry
from mirror.store.session import Kept, session_names, the_session
from mirror.store.sidecar import read_sidecar, sidecar_path
from mirror.store.writer import is_live
from testsets.events import Kind

INDEX = "index.sqlite"
_VERSION = 1  # an index of another version is made anew
_SCHEMA = "CREATE TABLE IF NOT EXISTS rows (session TEXT PRIMARY KEY, stamp TEXT NOT NULL, row TEXT NOT NULL)"


@dataclass(frozen=True, slots=True)
class Row:
    """One session; what cannot be known without its key is None."""

    session: str
    began_utc_ns: int
    upstream: str
    tags: Mapping[str, str]
    language: str | None
    rate: int | None
    samples: int | None
    packets: int | None
    words: int | None
    size: int | None  # bytes of both sides
    problem: str | None  # why the capture is incomplete
    failure: str | None  # why the recogniser did not finish
    encrypted: bool
    sealed: bool
    cluster: str | None = None

    @property
    def seconds(self) -> float | None:
        """How much audio the client sent."""
        return None if self.samples is None or not self.rate else self.samples / self.rate


@dataclass(frozen=True, slots=True)
class Query:
    """Which sessions are wanted; a session of which something is not known is not among those that ask for it."""

    tenant: str | None = None
    since_utc_ns: int | None = None
    until_utc_ns: int | None = None
    language: str | None = None
    min_seconds: float | None = None
    tags: Mapping[str, str] | None = None

    def wants(self, row: Row) -> bool:
        return (
            (self.tenant is None or row.tags.get("tenant") == self.tenant)
            and (self.since_utc_ns is None or row.began_utc_ns >= self.since_utc_ns)
            and (self.until_utc_ns is None or row.began_utc_ns < self.until_utc_ns)
            and (self.language is None or row.language == self.language)
            and (self.min_seconds is None or (row.seconds or 0.0) >= self.min_seconds)
            and all(row.tags.get(name) == value for name, value in (self.tags or {}).items())
        )


def catalogue(
    place: Place,
    index: Path | None,
    query: Query,
    on_problem: Callable[[StoreError], None],
    identities: Sequence[Any] = (),
) -> Iterator[Row]:
    """The sessions that are wanted, in order of time.

    Args:
        place: the store.
        index: file of the cache; None keeps none.
        query: which.
        on_problem: told of each session that cannot be read; the others go on.
        identities: private keys, without which an encrypted capture shows its label only.

    Raises:
        StoreError: the store does not exist, or cannot be read.
    """
    with closing(_opened(index)) as cache:
        for name in session_names(place.root if isinstance(place, Folder) else place.location):
            try:
                row = _cached(cache, place, name, identities)
            except StoreError as error:
                on_problem(error)
                continue
            except OSError as error:
                on_problem(StoreError(f"{place.location}/{name}", f"cannot be read ({error})"))
                continue
            if query.wants(row):
                yield row


def row_of(place: Place, index: Path | None, session: str, identities: Sequence[Any] = ()) -> Row:
    """The row of one session.

    Raises:
        StoreError: it cannot be read.
    """
    with closing(_opened(index)) as cache:
        return _cached(cache, place, session, identities)


def _cached(cache: sqlite3.Connection, place: Place, name: str, identities: Sequence[Any]) -> Row:
    stamp = _stamp(place, name)
    found = cache.execute("SELECT row FROM rows WHERE session = ? AND stamp = ?", (name, stamp)).fetchone()
    if found is not None:
        return Row(**json.loads(found[0]))
    row, lasting = _read(place, name, identities)
    if lasting and stamp is not None:
        with suppress(sqlite3.OperationalError), cache:  # a full disk costs time, no answer
            cache.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", (name, stamp, json.dumps(asdict(row))))
    return row


def _read(place: Place, name: str, identities: Sequence[Any]) -> tuple[Row, bool]:
    """A row, and whether it stays true as long as the files do."""
    if not isinstance(place, Folder) or is_sealed(place, name):
        return _of_entry(place, read_entry(place, name)), True
    path = place.root / f"{name}{SUFFIX}"
    label, encrypted = read_label(path)
    if encrypted and not identities:
        tags = {**label.tags, **read_sidecar(path).tags}
        row = Row(name, label.began_utc_ns, label.upstream, tags, *(None,) * 8, encrypted=True, sealed=False)
        return row, False
    return _of_session(the_session(place, name, identities)), not is_live(path)


def _of_entry(place: Place, entry: Entry) -> Row:
    values = {key: value for key, value in asdict(entry).items() if key != "files"}
    if isinstance(place, Folder):
        sidecar = read_sidecar(place.root / f"{entry.session}{SUFFIX}")
        values["tags"], values["cluster"] = {**entry.tags, **sidecar.tags}, sidecar.cluster
    return Row(**values, sealed=True)


def _of_session(session: Kept) -> Row:
    log = event_log(session)
    sent = [event.samples or 0 for event in log.events if event.kind is Kind.AUDIO]
    language = config_of(session).get("language")
    return Row(
        session=session.id,
        began_utc_ns=session.began_utc_ns,
        upstream=session.upstream,
        tags=dict(session.tags),
        language=language if isinstance(language, str) else None,
        rate=log.rate,
        samples=max(sent, default=0),
        packets=len(sent),
        words=len(log.transcript.words),
        size=session.size,
        problem=session.problem,
        failure=log.failure if session.problem is None else None,
        encrypted=session.encrypted,
        sealed=False,
        cluster=session.cluster,
    )


def _stamp(place: Place, name: str) -> str | None:
    """What changes when the files of a session do; None when nobody can tell."""
    if not isinstance(place, Folder):
        return ENTRY  # nothing that was sealed changes
    capture = place.root / f"{name}{SUFFIX}"
    parts = []
    for path in (place.root / name_of(name, ENTRY), capture, sidecar_path(capture)):
        try:
            found = path.stat()
        except FileNotFoundError:
            parts.append("-")
        else:
            parts.append(f"{found.st_mtime_ns}.{found.st_size}")
    return " ".join(parts)


def _opened(index: Path | None) -> sqlite3.Connection:
    """The cache; one that is damaged is made anew, and where none can be written it lives in memory."""
    if index is not None:
        for _ in range(2):
            try:
                index.parent.mkdir(parents=True, exist_ok=True)
                return _prepared(sqlite3.connect(index))
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    break
                index.unlink(missing_ok=True)
            except OSError:
                break
    return _prepared(sqlite3.connect(":memory:"))


def _prepared(cache: sqlite3.Connection) -> sqlite3.Connection:
    if cache.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
        cache.execute("DROP TABLE IF EXISTS rows")
        cache.execute(f"PRAGMA user_version = {_VERSION}")
    cache.execute(_SCHEMA)
    cache.execute("PRAGMA synchronous = OFF")  # it is a cache
    return cache

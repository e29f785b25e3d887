"""What the commands of ``understudy store`` have in common: which sessions are meant, by whom, and with which key."""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.store.audit import READ, Audit
from mirror.store.catalogue import INDEX, Query, catalogue
from mirror.store.place import Folder, Place
from mirror.store.retention import is_older, parse_age
from mirror.store.session import session_names
from understudy.errors import UsageError


def query_of(
    tenant: str | None,
    since: str | None,
    until: str | None,
    language: str | None,
    min_duration: float | None,
    tag: Sequence[str] | None,
) -> Query:
    """The options of a query.

    Raises:
        UsageError: a time or a tag makes no sense.
    """
    tags = dict(_tag(text) for text in tag or ())
    return Query(tenant, _moment(since, "--since"), _moment(until, "--until"), language, min_duration, tags)


def find(store: str, name: str) -> str:
    """The whole name of the one session whose name begins so.

    Raises:
        UsageError: there is none, or more than one.
    """
    names = session_names(store)
    found = [other for other in names if other.startswith(name)]
    if name in found:
        return name
    if len(found) != 1:
        raise UsageError(
            f"{store}: {len(found)} sessions are called {name!r}; `understudy store list {store}` names all"
        )
    return found[0]


def to_erase(
    place: Place, store: str, sessions: Sequence[str], tenant: str | None, keep: str | None, problems: list[str]
) -> list[str]:
    """The sessions that an erasure means.

    Raises:
        UsageError: it does not say which, or says it twice.
    """
    if bool(sessions) == bool(tenant or keep):
        raise UsageError("say what to erase: names of sessions, or --tenant and --keep")
    if sessions:
        return list(sessions)

    def tell(error: StoreError) -> None:
        problems.append(str(error))

    names = session_names(store)
    if tenant:
        rows = catalogue(place, index_of(place), Query(tenant=tenant), tell)
        names = [row.session for row in rows]
    if keep:
        before = int((datetime.now(UTC) - _age(keep, "--keep")).timestamp()) * 1_000_000_000
        names = [name for name in names if is_older(place, name, before)]
    return names


def identities_of(path: Path | None) -> tuple[Any, ...]:
    """The private keys in a file, none when no file is given.

    Raises:
        StoreError: the file holds none.
    """
    if path is None:
        return ()
    from mirror.privacy.keys import read_identities

    return read_identities(path)


def record_read(place: Place, who: str | None, names: Sequence[str], why: str, to: Path | None = None) -> None:
    """Write into the audit log that sessions are about to be read.

    Raises:
        StoreError: it cannot be written, so they must not be read.
    """
    made = None if to is None else str(to.resolve())
    Audit(place).record(datetime.now(UTC), who_asks(who), READ, names, why, made)


def who_asks(given: str | None) -> str:
    """As given, else the user and the machine."""
    if given:
        return given
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may have no names
        user = f"uid {os.getuid()}"
    return f"{user}@{socket.gethostname()}"


def index_of(place: Place) -> Path:
    """Where the index of a store is: in its folder, or among the caches of this user."""
    if isinstance(place, Folder):
        return place.root / INDEX
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.sha256(place.location.encode()).hexdigest()[:16]
    return root / "understudy" / f"{name}.sqlite"


def _moment(text: str | None, option: str) -> int | None:
    """Nanoseconds since the epoch of a date, a time (UTC where it says nothing else), or so long ago."""
    if text is None:
        return None
    try:
        if text[-1:] in "hdw" and text[:-1].isdigit():
            found = datetime.now(UTC) - parse_age(text)
        else:
            found = datetime.fromisoformat(text)
        found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(f"{option} {text!r}: give a date or a time, 2026-11-23 or 2026-11-23T08:00, or 7d") from None
    return int(found.timestamp()) * 1_000_000_000


def _age(text: str, option: str) -> Any:
    try:
        return parse_age(text)
    except ValueError as error:
        raise UsageError(f"{option} {error}") from None


def _tag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--tag {text!r}: give NAME=VALUE, for example accent=scottish")
    return name, value

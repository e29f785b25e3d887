"""Retention: which sessions are older than they may become."""

from __future__ import annotations

import re
from datetime import timedelta

from mirror.errors import StoreError
from mirror.store.format import SUFFIX
from mirror.store.place import Folder, Place
from mirror.store.recover import read_label
from mirror.store.sealed import is_sealed, read_entry
from mirror.store.writer import is_live

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def parse_age(text: str) -> timedelta:
    """``30d``, ``12h`` or ``8w``.

    Raises:
        ValueError: it is none of these.
    """
    found = re.fullmatch(r"([0-9]{1,6})([hdw])", text)
    if found is None:
        raise ValueError(f"{text!r} is no time to keep; give hours, days or weeks: 12h, 30d, 8w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def is_older(place: Place, session: str, before_utc_ns: int) -> bool:
    """True for a session that began before a moment; one that is still being recorded is not old.

    A capture that cannot be read is as old as its file: what nobody can open must not stay for ever.
    """
    if isinstance(place, Folder) and is_live(place.root / f"{session}{SUFFIX}"):
        return False
    return _began(place, session) < before_utc_ns


def _began(place: Place, session: str) -> int:
    try:
        if is_sealed(place, session):
            return read_entry(place, session).began_utc_ns
        if isinstance(place, Folder):
            return read_label(place.root / f"{session}{SUFFIX}")[0].began_utc_ns
    except StoreError:
        if isinstance(place, Folder) and (capture := place.root / f"{session}{SUFFIX}").exists():
            return capture.stat().st_mtime_ns
    raise StoreError(f"{place.location}/{session}", "nothing says when it began; erase it by its name")

"""Erasing: the key is destroyed, the files go, the register says so, and every result made of the session is marked.

Whoever finds ``erasures.jsonl`` in a folder of results knows which sessions must no longer be in them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mirror.errors import StoreError
from mirror.privacy.keys import KEY_FOLDER, KEY_SUFFIX
from mirror.store.audit import ERASE as ERASED
from mirror.store.audit import READ, Audit
from mirror.store.format import SUFFIX
from mirror.store.place import Folder, Place, open_place
from mirror.store.register import ERASE, register, sealed_digests
from mirror.store.sealed import SEALED_FOLDER
from mirror.store.sidecar import sidecar_path
from mirror.store.turns import own_turn
from mirror.store.writer import is_live

MARK = "erasures.jsonl"
MARK_VERSION = 1
SEALED_TO = "sealed-to.txt"  # in a folder of captures: where they were sealed to, a line each


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants what erased."""

    sessions: tuple[str, ...]
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """A mark in a folder of results."""

    session: str
    at: str  # ISO 8601, UTC
    why: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What an order did."""

    sessions: tuple[str, ...]
    keys: int  # that were destroyed
    marked: tuple[str, ...]  # folders of results
    unreached: tuple[str, ...]  # results that are not here any more


def erase(place: Place, order: Order, derived: Sequence[Path] = ()) -> Erased:
    """Erase sessions for good, and what was captured of a candidate beside them; when it was cut short, run it again.

    Args:
        place: the store, whose captures were perhaps sealed to other places: there they are erased first.
        order: who wants what erased.
        derived: folders of results beside those that the audit log names.

    Raises:
        StoreError: a session is not here or still being recorded, or a place cannot be reached.
    """
    with own_turn(place.root) if isinstance(place, Folder) else nullcontext():
        wanted = _wanted(place, order)
        audit = Audit(place)
        audit.record(order.at, order.who, ERASED, wanted, order.why)
        keys = sum(_elsewhere(location, wanted, order) for location in sealed_to(place))
        marked, unreached = _mark_all(audit, wanted, order, derived)
        keys += _remove(place, wanted, order)
    return Erased(tuple(wanted), keys, marked, unreached)


def erasures(folder: Path) -> tuple[Erasure, ...]:
    """The sessions that were erased after results were made of them in this folder.

    Raises:
        StoreError: the marks are damaged.
    """
    path = folder / MARK
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
        return tuple(Erasure(row["session"], row["at"], row["why"]) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(str(path), f"cannot be read ({error!r}); take it that the results are void") from None


def sealed_to(place: Place) -> tuple[str, ...]:
    """Where else the captures of this store were sealed to."""
    try:
        return tuple(dict.fromkeys(place.read(SEALED_TO).decode().split("\n")[:-1]))
    except FileNotFoundError:
        return ()


def _wanted(place: Place, order: Order) -> list[str]:
    known = _known(place)
    missing = [name for name in order.sessions if name not in known]
    if missing:
        raise StoreError(place.location, f"holds no session {missing[0]!r}; `understudy store list` names all")
    wanted = sorted(name for name in known if any(name == one or name.startswith(f"{one}.") for one in order.sessions))
    live = [name for name in wanted if isinstance(place, Folder) and is_live(place.root / f"{name}{SUFFIX}")]
    if live:
        raise StoreError(f"{place.location}/{live[0]}", "is being recorded; erase it when it has ended")
    return wanted


def _known(place: Place) -> set[str]:
    """Every session of which anything is here, or should be."""
    try:
        captures = {name.removesuffix(SUFFIX) for name in place.names("") if name.endswith(SUFFIX)}
        keys = {name.removesuffix(KEY_SUFFIX) for name in place.names(KEY_FOLDER)}
        found = captures | keys | set(place.names(SEALED_FOLDER))
        with suppress(StoreError):  # a damaged register must not keep what somebody wants erased
            found |= sealed_digests(register(place)).keys()
        return found
    except OSError as error:
        raise StoreError(place.location, f"cannot be listed ({error}); check the address and permissions") from None


def _remove(place: Place, sessions: Iterable[str], order: Order) -> int:
    keys, chain = 0, register(place)
    wrapped = set(place.names(KEY_FOLDER))
    for session in sessions:
        try:
            if f"{session}{KEY_SUFFIX}" in wrapped:
                place.remove(f"{KEY_FOLDER}/{session}{KEY_SUFFIX}")
                keys += 1
            capture = Path(f"{session}{SUFFIX}")
            for name in (f"{SEALED_FOLDER}/{session}", str(sidecar_path(capture)), str(capture)):
                place.remove(name)
            at = order.at.isoformat(timespec="seconds")
            chain.append({"action": ERASE, "session": session, "at": at})
        except OSError as error:
            what = f"cannot be erased ({error.strerror or error}); make the store writable and erase it again"
            raise StoreError(f"{place.location}/{session}", what) from None
    return keys


def _elsewhere(location: str, sessions: Sequence[str], order: Order) -> int:
    place = open_place(location)
    known = _known(place)
    here = [name for name in sessions if name in known]
    if not here:
        return 0
    Audit(place).record(order.at, order.who, ERASED, here, order.why)
    return _remove(place, here, order)


def _mark_all(
    audit: Audit, sessions: Sequence[str], order: Order, derived: Sequence[Path]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    wanted = {str(folder): list(sessions) for folder in derived}
    for deed in audit.deeds():
        used = [name for name in sessions if name in deed.sessions]
        if deed.action == READ and deed.to is not None and used:
            wanted.setdefault(deed.to, []).extend(used)
    marked, unreached = [], []
    for folder, names in wanted.items():
        if Path(folder).is_dir():
            _mark(Path(folder), dict.fromkeys(names), order)
            marked.append(folder)
        else:
            unreached.append(folder)
    return tuple(marked), tuple(unreached)


def _mark(folder: Path, sessions: Iterable[str], order: Order) -> None:
    told = {erasure.session for erasure in erasures(folder)}
    at = order.at.isoformat(timespec="seconds")
    rows: Iterator[dict[str, object]] = (
        {"version": MARK_VERSION, "session": name, "at": at, "why": order.why} for name in sessions if name not in told
    )
    try:
        with (folder / MARK).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        what = f"cannot be marked ({error.strerror}), so nothing is erased; make it writable and erase again"
        raise StoreError(str(folder), what) from None

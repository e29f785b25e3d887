"""Verifying: every change of a sealed store since it was sealed is found, and told one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mirror.errors import StoreError
from mirror.privacy.keys import KEY_FOLDER, KEY_SUFFIX
from mirror.store.chain import FIRST
from mirror.store.place import Place
from mirror.store.register import ERASE, SEAL, register
from mirror.store.sealed import ENTRY, SEALED_FOLDER, name_of, read_entry


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found."""

    records: int
    sessions: int  # sealed and not erased
    erased: int
    head: str  # hash of the last record: kept elsewhere, it shows later whether the end was cut off
    problems: tuple[StoreError, ...]  # empty when nothing was changed
    unfinished: tuple[str, ...]  # sessions whose sealing was cut short; seal again


def verify(place: Place, known_head: str | None = None) -> Verification:
    """Hash everything that was sealed and follow the chain.

    Args:
        place: where the sealed sessions lie.
        known_head: a head that an earlier verification gave, which must be in the chain.

    Raises:
        OSError: the place cannot be read.
    """
    sealed: dict[str, str] = {}
    erased: set[str] = set()
    problems: list[StoreError] = []
    chain, records, seen = register(place), 0, known_head is None
    head = FIRST
    try:
        for record in chain.records():
            session, action = str(record.body.get("session")), record.body.get("action")
            if action == SEAL:
                sealed[session] = str(record.body.get("entry"))
                erased.discard(session)
            elif action == ERASE:
                sealed.pop(session, None)
                erased.add(session)
            records, head = record.number, record.sha256
            seen = seen or record.sha256 == known_head
    except StoreError as error:
        problems.append(error)
    if not seen:
        what = f"the chain does not hold {known_head}: its end was cut off, or it was written anew; restore it"
        problems.append(StoreError(place.location, what))
    keys = frozenset(place.names(KEY_FOLDER))
    for session, digest in sealed.items():
        problems += check_files(place, session, digest, keys)
    present = set(place.names(SEALED_FOLDER))
    for session in sorted(erased & present):
        what = "was erased, and yet its files are here; erase it again"
        problems.append(StoreError(f"{place.location}/{SEALED_FOLDER}/{session}", what))
    unfinished = tuple(sorted(present - sealed.keys() - erased))
    return Verification(records, len(sealed), len(erased), head, tuple(problems), unfinished)


def check_files(place: Place, session: str, entry_sha256: str, keys: Collection[str]) -> list[StoreError]:
    """What of a sealed session is not as it was sealed.

    Args:
        place: where it lies.
        session: its name.
        entry_sha256: of its entry, from the chain.
        keys: the files in the folder of keys.

    Raises:
        OSError: the place cannot be read.
    """
    where = f"{place.location}/{SEALED_FOLDER}/{session}"
    try:
        data = place.read(name_of(session, ENTRY))
        if hashlib.sha256(data).hexdigest() != entry_sha256:
            return [StoreError(f"{where}/{ENTRY}", "was changed: its hash is another; restore it from a backup")]
        entry = read_entry(place, session)
    except FileNotFoundError:
        return [StoreError(where, "is gone though nobody erased it; restore it from a backup")]
    except StoreError as error:
        return [error]
    problems = [StoreError(f"{where}/{name}", "was added; remove it") for name in _added(place, session, entry.files)]
    for name, digest in entry.files.items():
        try:
            if place.sha256(name_of(session, name)) != digest:
                what = "was changed: its hash is another; restore it from a backup"
                problems.append(StoreError(f"{where}/{name}", what))
        except FileNotFoundError:
            problems.append(StoreError(f"{where}/{name}", "is gone; restore it from a backup"))
    if entry.encrypted and f"{session}{KEY_SUFFIX}" not in keys:
        problems.append(StoreError(where, "its key is gone though nobody erased it; restore the key from a backup"))
    return problems


def _added(place: Place, session: str, files: Mapping[str, str]) -> list[str]:
    found = place.names(f"{SEALED_FOLDER}/{session}")
    return [name for name in found if name != ENTRY and name not in files]

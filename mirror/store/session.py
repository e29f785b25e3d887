"""The sessions of a store, whether they are captures or sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.store.format import SUFFIX
from mirror.store.place import Folder, Place, is_remote, open_place
from mirror.store.recorded import Session, capture_paths, read_session
from mirror.store.sealed import SealedSession, is_sealed, read_sealed, sealed_names
from mirror.store.sidecar import read_sidecar, sidecar_path

__all__ = ["Kept", "Session", "capture_paths", "read_session", "session_names", "sessions", "the_session"]

Kept = Session | SealedSession


def sessions(
    store: Path | str, on_problem: Callable[[StoreError], None], identities: Sequence[Any] = ()
) -> Iterator[Kept]:
    """The sessions of a store in order of time; one that cannot be read is told and passed over.

    Args:
        store: folder of captures, one capture, or the folder or URL to which sessions were sealed.
        on_problem: told of each session that cannot be read; the others go on.
        identities: private keys (``privacy.keys.read_identities``), for sessions that are encrypted.

    Raises:
        StoreError: the store does not exist.
    """
    if not is_remote(store) and Path(store).is_file():
        found: list[str] = [Path(store).stem]
        store = Path(store).parent
    else:
        found = session_names(store)
    place = open_place(store)
    for name in found:
        try:
            yield the_session(place, name, identities)
        except StoreError as error:
            on_problem(error)


def session_names(store: Path | str) -> list[str]:
    """The names of all sessions of a store, which are in order of time.

    Raises:
        StoreError: the store does not exist, or cannot be read.
    """
    recorded = set() if is_remote(store) else {path.stem for path in capture_paths(Path(store))}
    try:
        return sorted(recorded.union(sealed_names(open_place(store))))
    except OSError as error:
        raise StoreError(str(store), f"cannot be listed ({error}); check the address and your permissions") from None


def the_session(place: Place, name: str, identities: Sequence[Any] = ()) -> Kept:
    """One session: as it was sealed, else as it was captured.

    Raises:
        StoreError: it cannot be read.
    """
    if isinstance(place, Folder):
        capture = place.root / f"{name}{SUFFIX}"
        if not is_sealed(place, name):
            return read_session(capture, identities)
        if sidecar_path(capture).exists():
            sidecar, sealed = read_sidecar(capture), read_sealed(place, name, identities)
            tags = {**sealed.tags, **sidecar.tags}
            return replace(sealed, tags=tags, cluster=sidecar.cluster or sealed.cluster)
    return read_sealed(place, name, identities)

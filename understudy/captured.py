"""Captured sessions as cases: the one place where a store is opened to be played, by ``gate`` and by ``replay``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.replay import Reaction, reactions
from mirror.store.cases import as_case, event_log
from mirror.store.place import Folder, is_remote, open_place
from mirror.store.session import session_names, sessions
from testsets.case import Case
from understudy.errors import UsageError
from understudy.store_query import record_read

EMBEDDED_TRAFFIC = Path(__file__).resolve().parents[1] / "testsets" / "data" / "traffic"


@dataclass(slots=True)
class Source:
    """Cases to play, and what is to be known of them."""

    cases: list[Case] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # sessions that could not be read, or not whole, a line each
    flagged: dict[str, tuple[Reaction, ...]] = field(default_factory=dict)  # clients that reacted to what they heard
    encrypted: int = 0  # cases whose audio lay encrypted and now lies in the clear


def read_store(store: str | Path, audio_out: Path, identities: Sequence[Any] = ()) -> Source:
    """Read every session of a store that can be replayed.

    Args:
        store: folder or URL of a store, or one ``.mcap`` file.
        audio_out: folder that takes the audio.
        identities: private keys, for sessions that are encrypted.

    Raises:
        StoreError: the store is not there.
    """
    found = Source()
    for session in sessions(store, lambda error: found.problems.append(str(error)), identities):
        try:
            case, reacted = as_case(session, audio_out), reactions(event_log(session))
        except StoreError as error:
            found.problems.append(str(error))
            continue
        if case.tags.get("arm") == "candidate":
            continue  # what a shadow answered to speech that is here already, as its champion heard it
        if session.problem is not None:
            found.problems.append(f"{session.path}: {session.problem}; what was captured is replayed")
        found.cases.append(case)
        found.encrypted += session.encrypted
        if reacted:
            found.flagged[case.id] = reacted
    return found


def read_played(store: str | Path, audio_out: Path, identities: Sequence[Any] = ()) -> Source:
    """Like ``read_store``, of a store that somebody named and means to play.

    Raises:
        StoreError: the store is not there.
        UsageError: nothing in it can be played.
    """
    found = read_store(store, audio_out, identities)
    if not found.cases:
        reasons = f"; the first: {found.problems[0]}" if found.problems else ""
        raise UsageError(f"{store}: holds no session that can be replayed{reasons}")
    return found


def is_store(source: str) -> bool:
    """True for what holds captured sessions: a folder, a URL, one ``.mcap`` file."""
    return is_remote(source) or Path(source).is_dir() or source.endswith(".mcap")


def record_reading(store: str, why: str, made: Path | None) -> None:
    """Write into the store's audit log that all of it is about to be read; what ships with this program is nobody's.

    Args:
        store: folder or URL of a store, or one ``.mcap`` file.
        why: for whoever reads the log.
        made: folder that takes what is made of the sessions, which erasing one of them will mark; None when nothing
            of it is kept.

    Raises:
        StoreError: the store is not there, or its log cannot be written, so that it must not be read.
    """
    path = None if is_remote(store) else Path(store)
    if path is not None and path.is_file():
        record_read(Folder(path.parent), None, [path.stem], why, made)
    elif path is None or path.resolve() != EMBEDDED_TRAFFIC:
        record_read(open_place(store), None, session_names(store), why, made)

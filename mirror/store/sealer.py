"""Sealing: a capture becomes FLAC, Parquet and JSON, is read back and compared, and enters the chain.

The order makes it safe to kill and to run again: the capture is never touched, files appear whole, the entry comes last
of the files, and the record of the chain last of all. What has no record is sealed anew. Only then, and only where that
was asked for, is the capture removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mirror.errors import StoreError
from mirror.privacy.keys import KEY_FOLDER, KEY_SUFFIX, key_path
from mirror.store.cases import log_of
from mirror.store.chain import Chain
from mirror.store.dialogue import Dialogue, read_dialogue
from mirror.store.erasure import SEALED_TO, sealed_to
from mirror.store.format import SUFFIX
from mirror.store.handshake import Head
from mirror.store.locked import SUFFIX as LOCKED
from mirror.store.locked import lock
from mirror.store.place import Folder, Place, is_same
from mirror.store.private import private_folder, sweep
from mirror.store.recorded import Session, capture_paths, read_session
from mirror.store.register import SEAL, register, sealed_digests
from mirror.store.sealed import (
    ARM,
    AUDIO,
    DETAILS,
    ENTRY,
    EVENTS,
    FORMAT,
    FORMAT_VERSION,
    SEALED_FOLDER,
    Entry,
    file_sha256,
    name_of,
    read_secret,
)
from mirror.store.sent_audio import check_written, write_exactly
from mirror.store.sidecar import sidecar_path
from mirror.store.turns import own_turn
from mirror.store.verify import check_files
from mirror.store.writer import is_live
from testsets.errors import FormatError
from testsets.eventlog_io import read_event_logs, write_event_logs
from testsets.events import EventLog, Kind


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one sealing did."""

    session: str
    samples: int
    exact: bool  # the very bytes that the client sent can be made again from the audio


def seal_store(
    store: Path,
    place: Place,
    identities: Sequence[Any],
    drop: bool,
    on_sealed: Callable[[Sealed], None],
    on_problem: Callable[[StoreError], None],
    on_step: Callable[[], None] = lambda: None,
) -> None:
    """Seal every capture of a store that is not sealed yet and not being recorded.

    Args:
        store: folder of captures.
        place: takes the sealed sessions.
        identities: private keys, for captures that are encrypted.
        drop: remove each capture once its sealed form was read back.
        on_sealed: told of each session that is sealed now.
        on_problem: told of each that cannot be; the others go on.
        on_step: told once for each capture, whatever became of it.

    Raises:
        StoreError: the store does not exist, the chain is damaged, or another process seals or erases here.
        OSError: the place cannot be read.
    """
    sweep()
    with own_turn(store):
        chain = register(place)
        done = sealed_digests(chain)
        if not is_same(store, place):
            _remember(store, place)
        for path in capture_paths(store):
            on_step()
            if is_live(path):
                continue
            try:
                if path.stem not in done:
                    sealed, done[path.stem] = _seal(path, place, chain, identities)
                    on_sealed(sealed)
                if drop:
                    _drop(path, place, done[path.stem])
            except StoreError as error:
                on_problem(error)
            except (OSError, FormatError) as error:
                on_problem(StoreError(str(path), f"cannot be sealed ({error}); nothing is lost, seal again"))


def _seal(path: Path, place: Place, chain: Chain, identities: Sequence[Any]) -> tuple[Sealed, str]:
    session = read_session(path, identities)
    if session.id != path.stem:
        what = f"holds session {session.id}, whose file has another name; call it {session.id}{SUFFIX} or remove it"
        raise StoreError(str(path), what)
    dialogue = read_dialogue(session)
    if not dialogue.audio.samples:
        raise StoreError(str(path), "the client sent no audio; nothing to seal")
    secret = read_secret(Folder(path.parent), session.id, identities) if session.encrypted else None
    with private_folder(session.encrypted) as work:
        log = log_of(session, dialogue)
        exact, names = _write(work, session, dialogue, log)
        if secret is not None:
            names = [_lock(work, session.id, name, secret) for name in names]
        entry = _entry(session, dialogue, log, {name: file_sha256(work / name) for name in names})
        row = {"format": FORMAT, "version": FORMAT_VERSION, **asdict(entry)}
        (work / ENTRY).write_text(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
        place.remove(f"{SEALED_FOLDER}/{session.id}")  # of a sealing that was cut short
        for name in (*names, ENTRY):
            place.put(name_of(session.id, name), work / name)
        digest = file_sha256(work / ENTRY)
    if session.encrypted:
        _bring_key(path, session.id, place)
    source = {"sha256": file_sha256(path), "bytes": path.stat().st_size}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    chain.append({"action": SEAL, "session": session.id, "entry": digest, "source": source, "at": at})
    return Sealed(session.id, dialogue.audio.samples, exact), digest


def _write(work: Path, session: Session, dialogue: Dialogue, log: EventLog) -> tuple[bool, list[str]]:
    """Write the files in the clear and read them back; whether the sent bytes can be made again, and their names."""
    where = str(session.path)
    audio = write_exactly(dialogue.audio, work / AUDIO, where)
    exact = check_written(dialogue.audio, audio, where)
    write_event_logs(work / EVENTS, {ARM: [log]})
    if read_event_logs(work / EVENTS)[ARM] != (log,):
        raise StoreError(where, "its events read back otherwise than they were written; check the disk and seal again")
    details = {
        "cluster": session.cluster,
        "request": _head(session.request),
        "response": _head(session.response),
        "config": dict(dialogue.config),
        "audio": {
            "file": audio.name,
            "encoding": dialogue.audio.encoding,
            "sent_sha256": dialogue.audio.data_sha256,
            "exact": exact,
        },
    }
    (work / DETAILS).write_text(json.dumps(details, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return exact, [audio.name, EVENTS, DETAILS]


def _lock(work: Path, session: str, name: str, secret: bytes) -> str:
    lock(work / name, work / (name + LOCKED), secret, name_of(session, name))
    (work / name).unlink()
    return name + LOCKED


def _entry(session: Session, dialogue: Dialogue, log: EventLog, files: dict[str, str]) -> Entry:
    sent = [event.samples or 0 for event in log.events if event.kind is Kind.AUDIO]
    language = dialogue.config.get("language")
    return Entry(
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
        failure=_failure(session, log),
        encrypted=session.encrypted,
        files=files,
    )


def _failure(session: Session, log: EventLog) -> str | None:
    """Why the recogniser did not finish; its own words stay under the key."""
    if session.problem is not None or log.failure is None:
        return None
    return log.failure.partition(":")[0] if session.encrypted else log.failure


def _bring_key(path: Path, session: str, place: Place) -> None:
    """The key goes where the locked files are; where that is this folder, it is there already."""
    if not is_same(path.parent, place):
        place.put(f"{KEY_FOLDER}/{session}{KEY_SUFFIX}", key_path(path.parent, session))


def _remember(store: Path, place: Place) -> None:
    """Write down where the sessions of a store go, so that erasing follows them there."""
    location = str(place.root.resolve()) if isinstance(place, Folder) else place.location
    if location not in sealed_to(Folder(store)):
        try:
            with (store / SEALED_TO).open("a", encoding="utf-8") as file:
                file.write(location + "\n")
        except OSError as error:
            what = f"cannot be written ({error.strerror}), so that erasing could not follow; make the store writable"
            raise StoreError(str(store / SEALED_TO), what) from None


def _drop(path: Path, place: Place, entry_sha256: str) -> None:
    """Remove a capture, after its sealed form was found whole once more where it lies now."""
    problems = check_files(place, path.stem, entry_sha256, place.names(KEY_FOLDER))
    if problems:
        raise problems[0]
    path.unlink()
    sidecar_path(path).unlink(missing_ok=True)


def _head(head: Head) -> dict[str, Any]:
    return {"first_line": head.first_line, "headers": [list(pair) for pair in head.headers]}

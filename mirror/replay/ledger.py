"""The ledger of a replay: which sessions wait, play and are done, with their logs, in one SQLite file.

A session and its log become done in one transaction, and only for the worker that holds the session: whatever is
killed and started again, no session is lost and none is there twice.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mirror.errors import StoreError
from mirror.replay.jobs import Job
from mirror.replay.log_json import log_from_json, log_to_json
from testsets.case import AudioRef
from testsets.case_json import case_from_json, case_to_json
from testsets.events import EventLog
from testsets.lines import Row

FORMAT_VERSION = 1
WAIT_SECONDS = 30.0  # for another process to finish its transaction

_TABLES = """
CREATE TABLE about (version INTEGER NOT NULL, plan TEXT NOT NULL);
CREATE TABLE sessions (
  place INTEGER PRIMARY KEY, job TEXT NOT NULL, audio_ns INTEGER NOT NULL,
  owner TEXT, done INTEGER NOT NULL DEFAULT 0, failure TEXT, log BLOB
);
CREATE INDEX waiting ON sessions (place) WHERE owner IS NULL AND NOT done;
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay is."""

    sessions: int
    done: int
    failed: int
    audio_ns: int
    audio_done_ns: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One session that this worker holds."""

    place: int
    job: Job


class Ledger:
    """An open ledger; its methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path, self._lock = path, threading.Lock()
        self._held: IO[bytes] | None = None  # open as long as this replay is the only one
        try:
            self._database = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error as error:
            raise StoreError(str(path), f"cannot be used as a ledger ({error}); choose another path") from None

    def close(self) -> None:
        """Let go of the file; another replay may go on with it."""
        self._database.close()
        self._let_go()

    def begin(self, plan: str, found: Iterable[Job]) -> bool:
        """Enter the sessions of a plan; True when they were there already and the replay goes on.

        Raises:
            StoreError: the file holds another replay, no ledger, or is in use.
        """
        self._hold()
        try:
            return self._begin(plan, found)
        except BaseException:
            self._let_go()
            raise

    def _begin(self, plan: str, found: Iterable[Job]) -> bool:
        with self._transaction() as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'about'").fetchone() is not None:
                self._check(plan)
                database.execute("UPDATE sessions SET owner = NULL WHERE NOT done")
                return True
            for statement in _TABLES.strip().split(";\n"):
                database.execute(statement)
            database.execute("INSERT INTO about VALUES (?, ?)", (FORMAT_VERSION, plan))
            rows = ((json.dumps(_job_to_json(job)), _audio_ns(job)) for job in found)
            database.executemany("INSERT INTO sessions (job, audio_ns) VALUES (?, ?)", rows)
            return False

    def claim(self, owner: str) -> Claim | None:
        """The next waiting session, held from now on; None when none waits."""
        with self._transaction() as database:
            row = database.execute(
                "UPDATE sessions SET owner = ? WHERE place = (SELECT place FROM sessions"
                " WHERE owner IS NULL AND NOT done ORDER BY place LIMIT 1) RETURNING place, job",
                (owner,),
            ).fetchone()
        return None if row is None else Claim(row[0], _job_from_json(row[1], str(self.path)))

    def finish(self, owner: str, claim: Claim, log: EventLog) -> bool:
        """Write down a session; False when this worker does not hold it any more, and nothing is written."""
        data = zlib.compress(json.dumps(log_to_json(log)).encode(), 1)
        with self._transaction() as database:
            changed = database.execute(
                "UPDATE sessions SET done = 1, owner = NULL, failure = ?, log = ?"
                " WHERE place = ? AND owner = ? AND NOT done",
                (log.failure, data, claim.place, owner),
            )
            return changed.rowcount == 1

    def release(self, owner: str) -> int:
        """Let the sessions of a worker that is gone wait again; gives how many."""
        with self._transaction() as database:
            return database.execute("UPDATE sessions SET owner = NULL WHERE owner = ? AND NOT done", (owner,)).rowcount

    def progress(self) -> Progress:
        """How far the replay is."""
        with self._lock:
            row = self._database.execute(
                "SELECT count(*), sum(done), sum(done AND failure IS NOT NULL), sum(audio_ns), sum(done * audio_ns)"
                " FROM sessions"
            ).fetchone()
        return Progress(*(int(value or 0) for value in row))

    def logs(self) -> Iterator[EventLog]:
        """The log of every session that is done, in the order of the plan, one at a time."""
        place = 0
        while True:
            with self._lock:
                row = self._database.execute(
                    "SELECT place, log FROM sessions WHERE done AND place > ? ORDER BY place LIMIT 1", (place,)
                ).fetchone()
            if row is None:
                return
            place = row[0]
            yield log_from_json(json.loads(zlib.decompress(row[1])), str(self.path))

    def _hold(self) -> None:
        """Keep a second replay out; the system lets go when this process dies, however it dies."""
        self._held = open(f"{self.path}.lock", "wb")  # noqa: SIM115 - closed with the ledger
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._let_go()
            raise StoreError(str(self.path), "another replay is at work on this ledger; wait, or stop it") from None

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def _check(self, plan: str) -> None:
        version, known = self._database.execute("SELECT version, plan FROM about").fetchone()
        if version != FORMAT_VERSION:
            raise StoreError(str(self.path), f"ledger version {version} is not known here (only {FORMAT_VERSION})")
        if known != plan:
            what = "is the ledger of another replay (other cases, address or options); choose another path"
            raise StoreError(str(self.path), what)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                try:
                    yield self._database
                except BaseException:
                    self._database.execute("ROLLBACK")
                    raise
                self._database.execute("COMMIT")
            except sqlite3.Error as error:
                raise StoreError(str(self.path), f"the ledger cannot be written ({error})") from None


def _audio_ns(job: Job) -> int:
    return job.case.audio.samples * 1_000_000_000 // job.case.audio.rate


def _job_to_json(job: Job) -> dict[str, object]:
    return {"case": case_to_json(job.case, job.case.audio.path), "phase_ns": job.phase_ns}


def _job_from_json(text: str, where: str) -> Job:
    row = Row(json.loads(text), where)
    case = Row(row.mapping("case"), where)
    return Job(case_from_json(case, _located), row.integer("phase_ns"))


def _located(path: str, row: Row) -> AudioRef:
    """What the plan said of the audio; the worker finds out whether it is still there when it plays the case."""
    return AudioRef(path, row.integer("rate"), row.integer("samples"), row.optional_text("sha256"))

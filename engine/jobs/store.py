"""Jobs and transcripts in one SQLite file: every change is on disk before it is told, and survives a kill."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.jobs.errors import StoreError
from engine.jobs.job import Job, Remark, State

FORMAT = 1
_TABLES = """
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  created_us INTEGER NOT NULL,
  data_name TEXT NOT NULL,
  config TEXT NOT NULL,
  language TEXT NOT NULL,
  operating_point TEXT NOT NULL,
  samples INTEGER NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  started_us INTEGER,
  finished_us INTEGER,
  remarks TEXT NOT NULL
);
CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_start ON jobs (owner, started_us);
CREATE INDEX jobs_by_owner ON jobs (owner, created_us);
CREATE TABLE transcripts (id TEXT PRIMARY KEY, results TEXT NOT NULL);
"""
_COLUMNS = (
    "id, created_us, data_name, config, operating_point, samples, state, attempts, started_us, finished_us, remarks, "
    "owner"
)
_NEXT = (
    "SELECT MIN(number) AS oldest FROM jobs AS waiting WHERE state = ? GROUP BY owner "
    "ORDER BY (SELECT MAX(started_us) FROM jobs WHERE owner = waiting.owner), oldest LIMIT 1"
)
_KEPT = (State.QUEUED, State.RUNNING, State.DONE, State.REJECTED)


class Store:
    """The jobs of one data folder; its methods may be called from any thread.

    Every method that writes raises sqlite3.OperationalError where the disk is full, and has changed nothing then.
    """

    def __init__(self, path: Path) -> None:
        """Open or create.

        Raises:
            StoreError: the file is no store, or one of another version.
        """
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise StoreError(str(path), f"cannot be used ({error}); name another data folder") from None
        except StoreError:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def add(self, job: Job) -> None:
        """Take a new job; it is on disk when this returns."""
        language = str(job.config.get("transcription_config", {}).get("language", ""))
        row = (
            job.id, job.created_us, job.data_name, json.dumps(job.config), job.operating_point, job.samples, job.state,
            job.attempts, job.started_us, job.finished_us, _written(job.remarks), job.owner, language,
        )  # fmt: skip
        with self._change() as change:
            change.execute(f"INSERT INTO jobs ({_COLUMNS}, language) VALUES ({', '.join('?' * len(row))})", row)

    def claim(self, at_us: int) -> Job | None:
        """Begin the oldest queued job of the owner who was served longest ago; None when none waits."""
        with self._change() as change:
            row = change.execute(
                f"UPDATE jobs SET state = ?, started_us = ?, attempts = attempts + 1 "
                f"WHERE number = ({_NEXT}) RETURNING {_COLUMNS}",
                (State.RUNNING, at_us, State.QUEUED),
            ).fetchone()
        return _job(row) if row else None

    def release(self, job_id: str) -> None:
        """Put a running job back to where it waited; the attempt does not count."""
        self._move(job_id, "state = ?, attempts = attempts - 1", State.QUEUED)

    def requeue(self) -> int:
        """Put every running job back: nobody runs them after a restart. Their number."""
        with self._change() as change:
            return change.execute("UPDATE jobs SET state = ? WHERE state = ?", (State.QUEUED, State.RUNNING)).rowcount

    def finish(self, job_id: str, results: Sequence[Mapping[str, Any]], samples: int, at_us: int) -> bool:
        """Keep the transcript of a running job; False where the job is gone."""
        with self._change() as change:
            changed = change.execute(
                "UPDATE jobs SET state = ?, samples = ?, finished_us = ? WHERE id = ? AND state = ?",
                (State.DONE, samples, at_us, job_id, State.RUNNING),
            ).rowcount
            if changed:
                change.execute("INSERT OR REPLACE INTO transcripts VALUES (?, ?)", (job_id, json.dumps(results)))
        return bool(changed)

    def reject(self, job_id: str, reason: str, at_us: int) -> bool:
        """Give a running job up; False where the job is gone."""
        with self._change() as change:
            row = change.execute("SELECT remarks FROM jobs WHERE id = ?", (job_id,)).fetchone()
            remarks = (*_read(row[0]), Remark(at_us, reason)) if row else ()
            return bool(
                change.execute(
                    "UPDATE jobs SET state = ?, finished_us = ?, remarks = ? WHERE id = ? AND state = ?",
                    (State.REJECTED, at_us, _written(remarks), job_id, State.RUNNING),
                ).rowcount
            )

    def erase(self, job_id: str, state: State) -> None:
        """Delete what was said and asked; the time, length and language of a finished job stay for its usage.

        Args:
            state: DELETED or EXPIRED.
        """
        with self._change() as change:
            change.execute("DELETE FROM transcripts WHERE id = ?", (job_id,))
            change.execute(
                "UPDATE jobs SET finished_us = CASE state WHEN ? THEN NULL ELSE finished_us END, state = ?, "
                "data_name = '', config = '{}', remarks = '[]' WHERE id = ?",
                (State.REJECTED, state, job_id),
            )
        with self._lock:  # what was deleted must not linger in the log beside the file
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def find(self, job_id: str) -> Job | None:
        """A job by its id, erased ones included."""
        with self._lock:
            row = self._database.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return _job(row) if row else None

    def results(self, job_id: str) -> list[dict[str, Any]] | None:
        """The results of a job that is done."""
        with self._lock:
            row = self._database.execute("SELECT results FROM transcripts WHERE id = ?", (job_id,)).fetchone()
        return list(json.loads(row[0])) if row else None

    def recent(self, owner: str, before_us: int, after_us: int, limit: int, erased: bool) -> list[Job]:
        """An owner's jobs that were created between two times (exclusive), the newest first.

        Args:
            erased: tell of deleted and expired ones too.
        """
        states = tuple(State) if erased else _KEPT
        with self._lock:
            rows = self._database.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE owner = ? AND created_us < ? AND created_us > ? "
                f"AND state IN ({', '.join('?' * len(states))}) ORDER BY number DESC LIMIT ?",
                (owner, before_us, after_us, *states, limit),
            ).fetchall()
        return [_job(row) for row in rows]

    def kept(self) -> list[str]:
        """Ids of the jobs whose audio belongs to them."""
        with self._lock:
            asked = f"SELECT id FROM jobs WHERE state IN ({', '.join('?' * len(_KEPT))})"
            return [row[0] for row in self._database.execute(asked, _KEPT)]

    def finished_before(self, at_us: int) -> list[str]:
        """Ids of the jobs that were done or rejected before a time and are still kept."""
        with self._lock:
            asked = "SELECT id FROM jobs WHERE state IN (?, ?) AND finished_us < ?"
            return [row[0] for row in self._database.execute(asked, (State.DONE, State.REJECTED, at_us))]

    def waiting(self) -> int:
        """How many jobs are queued."""
        with self._lock:
            return int(
                self._database.execute("SELECT COUNT(*) FROM jobs WHERE state = ?", (State.QUEUED,)).fetchone()[0]
            )

    def usage(self, owner: str, since_us: int, until_us: int) -> list[tuple[str, str, int, int]]:
        """Language, operating point, count and samples of an owner's jobs recognised in a time, kept or not."""
        with self._lock:
            return self._database.execute(
                "SELECT language, operating_point, COUNT(*), SUM(samples) FROM jobs "
                "WHERE owner = ? AND finished_us >= ? AND finished_us < ? AND state != ? GROUP BY 1, 2 ORDER BY 1, 2",
                (owner, since_us, until_us, State.REJECTED),
            ).fetchall()

    def _prepare(self) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("PRAGMA secure_delete = ON")
        found = self._database.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            self._database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {FORMAT}; COMMIT;")
        elif found != FORMAT:
            raise StoreError("jobs.sqlite", f"format {found} is unknown to this version, which writes {FORMAT}")

    def _move(self, job_id: str, assignment: str, *values: object) -> None:
        with self._change() as change:
            change.execute(f"UPDATE jobs SET {assignment} WHERE id = ? AND state = ?", (*values, job_id, State.RUNNING))

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise


def _job(row: Sequence[Any]) -> Job:
    job_id, created_us, data_name, config, point, samples, state, attempts, started_us, finished_us, remarks, owner = (
        row
    )
    return Job(
        job_id, created_us, data_name, json.loads(config), point, samples, State(state), attempts, started_us,
        finished_us, _read(remarks), owner,
    )  # fmt: skip


def _written(remarks: Sequence[Remark]) -> str:
    return json.dumps([asdict(remark) for remark in remarks])


def _read(text: str) -> tuple[Remark, ...]:
    return tuple(Remark(**remark) for remark in json.loads(text))
